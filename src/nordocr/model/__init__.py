"""The recogniser's network: SVTRv2 encoder and RCTC head, its variants, import of OpenOCR weights."""
