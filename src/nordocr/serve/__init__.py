"""Reading over HTTP: requests, durable jobs, metrics, and a page to drop a file on."""
