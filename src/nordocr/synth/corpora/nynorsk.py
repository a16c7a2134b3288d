"""The commonest Bokmål words in Nynorsk: wordfreq has no Nynorsk list, and these words carry most of the difference."""

from __future__ import annotations

from typing import Final

_PAIRS: Final = """
jeg eg ikke ikkje hun ho en ein et eit fra frå hva kva hvem kven hvor kvar hvordan korleis hvorfor kvifor hvis
viss noe noko noen nokon mye mykje være vere ble vart kommer kjem gjøre gjere gjør gjer si seie sier seier se
sjå bare berre mer meir flere fleire de dei dem dei deres deira selv sjølv hennes hennar nå no da då gang gong
ganger gonger uke veke uker veker hjem heim hjemme heime øre øyre norge noreg norges noregs forskjell skilnad
vet veit finnes finst dager dagar tiden tida årene åra regnskap rekneskap regnskapet rekneskapet eiendom
eigedom eiendommer eigedomar virksomhet verksemd virksomheten verksemda egen eigen eget eige egne eigne selge
selje ansatte tilsette sykehus sjukehus syk sjuk melk mjølk høy høg høyre høgre tall tal skole skule skolen
skulen boken boka mennesker menneske elsker elskar tror trur dere de begynner byrjar penger pengar gutter
gutar måned månad måneder månader mulig mogleg mulighet høve forskjellige ulike allerede allereie hver kvar
hvert kvart hele heile helt heilt hel heil alene åleine sammen saman
"""
_WORDS: Final = _PAIRS.split()
_TABLE: Final = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))


def nynorsk(word: str) -> str:
    """``word`` in Nynorsk where it is one of the common words that differ, else as it is."""
    return _TABLE.get(word, word)
