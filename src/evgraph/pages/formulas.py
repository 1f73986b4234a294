"""The formulas in which pages point: what words say "the study below", "discussed in cell E3's bite", "click here".

They are matched against folded text (`Source.folded`), in which quotes are straight and a broken apostrophe is three.
"""

from __future__ import annotations

import re

_I = re.IGNORECASE
NOUNS = {
    "study": "study", "studies": "study", "trial": "trial", "trials": "trial", "review": "review", "reviews": "review",
    "guidance": "guidance", "guideline": "guidance", "guidelines": "guidance", "guide": "guidance",
    "analysis": "analysis", "analyses": "analysis", "document": "document", "documents": "document",
    "entry": "document", "entries": "document", "report": "document", "reports": "document", "paper": "document",
    "papers": "document", "book": "document", "commentary": "section", "section": "section", "issue": "issue",
    "issues": "issue", "text": "supplement",
}  # fmt: skip
PARTS = {"section", "issue", "supplement"}  # Nouns for parts of the commentary; the others are documents.
NOUN = rf"(?:{'|'.join(sorted(NOUNS, key=len, reverse=True))})"
_COUNTRY = (
    r"(?:[A-Z]\.?[A-Z]\.?[A-Z]?|British|English|Scottish|Welsh|Irish|American|European|[A-Z][a-z]+(?:an|ese|ish|ch|sh|ss)"
    r"|England|Scotland|Wales|Britain|Ireland|Norway|Sweden|Finland|Denmark|France|Germany|Spain|Italy|Canada|Australia"
    r"|New Zealand|the Netherlands|the UK|the USA?)"
)
COUNTRIES = rf"{_COUNTRY}(?:(?:, | and |/){_COUNTRY})*"
_DIRECTION = r"(?P<direction>above|below)"
_NUMBERS = r"\((?P<numbers>\d{1,2}(?:[ ,]+\d{1,2})*)\)"
_NOUN_LIST = rf"{NOUN}(?:(?:, | and |, and | \[and ){NOUN}\]?)*"
_BITE = r"bite'+s?"

ROLES = {"what is this cell about?": "about", "where should i start?": "start", "highlighted study": "highlighted",
          "issues": "issue", "issue": "issue"}  # fmt: skip
_SECTION = r"(?:What is this cell about\?|Where should I start\?|Highlighted study|Issues?)"
SECTION_WITH_NUMBERS = re.compile(rf"(?P<name>{_SECTION})(?:\s*\((?P<numbers>\d{{1,2}}(?:[ ,]+\d{{1,2}})*)\))?", _I)
OWN_BITE = re.compile(
    rf"(?:(?:(?:related|relevant|further) )?discuss(?:ions?|ed)(?: \w+)? in |for [^.;()]{{1,40}}? see "
    rf"(?:discussion in )?|what )?(?:this |the )?{_BITE} (?P<sections>{_SECTION}(?:\s*\([\d ,]+\))?"
    rf"(?:(?:, | and |, and ){_SECTION}(?:\s*\([\d ,]+\))?)*)\s+sections?(?:\s*{_NUMBERS})?",
    _I,
)
CLICK = re.compile(
    r"for (?:(?:related|relevant|further) )?[\w ]{3,40}? click(?P<heres>(?: here)?(?:(?:, | and |, and )here)*)"
    r"(?: and scroll down(?: to (?:the )?highlighted headings?)?)?",
    _I,
)
CELL = re.compile(
    r"(?P<discussed>(?i:(?:(?:related |relevant )?discuss(?:ion|ions|ed)|introduced|cautioned|explored|dealt with"
    r"|highlighted study|commentary)(?: \w+)? (?:in|on) ))?(?:the )?\b[Cc]ells? (?P<squares>[A-E][1-5]\b"
    r"(?:(?:'+s(?: bite'*s?)?)?(?:, | and |, and | or )(?:the )?(?:cells? )?[A-E][1-5]\b)*)(?P<bite>'+s(?: bite\b)?)?"
    r"(?i:(?: (?:of|in) the (?P<matrix>alcohol|drug)(?: treatment)? matrix))?"
)
CELL_BY_LABEL = re.compile(
    r"(?:the )?corresponding cell on (?P<label>interventions|practitioners|management|organisational functioning"
    r"|treatment systems)(?: as a whole)?",
    _I,
)
THIS_CELL = re.compile(rf"(?P<noun>{NOUN}) in this cell(?: {_NUMBERS})?", _I)
FILE_PLACE = re.compile(
    r"(?P<locator>(?:on )?pp?\. ?\d+(?:-\d+)?|(?:see )?(?:study|table|figure|section|chapter|appendix) \d+)"
    r" (?:of|in) (?:the )?linked (?:PDF|file|document)(?: file)?",
    _I,
)
PAIR = re.compile(
    rf"\b(?P<kind>corresponding|related|associated) (?:(?P<countries>(?-i:{COUNTRIES})) )?(?P<nouns>{_NOUN_LIST})"
    rf"(?: {_NUMBERS})?(?: (?:discussed|listed|described))? {_DIRECTION}",
    _I,
)
NOUN_SENTENCE = re.compile(
    rf"(?:(?P<countries>(?-i:{COUNTRIES})) )?(?P<nouns>{_NOUN_LIST})(?: {_NUMBERS})? {_DIRECTION}\.?", _I
)
IMPLEMENTED_BY = re.compile(rf"\b(?:implementation|implementing) (?P<noun>{NOUN}) {_DIRECTION}", _I)
IMPLEMENTS = re.compile(rf"\bbuild(?:ing|s) on\b[^.]{{0,200}}?\((?:see |listed )?{_DIRECTION}\)", _I)
SEE_DIRECTED = re.compile(
    rf"\bsee (?:also )(?:an? |the )?(?:(?P<countries>(?-i:{COUNTRIES})) )?(?:\w+ ){{0,3}}?(?P<noun>{NOUN})?"
    rf"[^.()]{{0,60}}?\s*\(?{_DIRECTION}",
    _I,
)
SEE = re.compile(r"\bsee (?P<also>also )?(?P<what>[^.;]+)", _I)
SEVERAL_COUNTRIES = re.compile(rf"(?P<countries>{_COUNTRY} and {_COUNTRY}) (?P<noun>studies|trials)\b")
POSITION = re.compile(
    r"(?:(?P<listed>(?:also )?(?:listed|described|discussed|noted|mentioned|shown|referred to|see)) )?"
    rf"\b{_DIRECTION}\b",
    _I,
)
# The noun that a following "above" belongs to: "a British study (listed", "trials from the UK and USA".
NOUN_BEFORE = re.compile(
    rf"(?:(?P<countries>(?-i:{COUNTRIES})) )?\b(?P<noun>{NOUN})(?: (?:from|in) (?P<places>(?-i:{COUNTRIES})))?"
    r"[ ,]*(?:that |which )?(?:is |are |was |were )?[ (]*$",
    _I,
)
# "Above" and "below" that measure or weigh instead of pointing.
MEASURES = re.compile(
    r"(?:over and |head and shoulders )$|^ (?:all\b|average|the (?:age|level|threshold|limit|legal)|\d|zero)", _I
)
PROTECTED_QUESTIONS = re.compile(r"What is this cell about\?|Where should I start\?", _I)
SENTENCE_END = re.compile(r"[.?!]['\")\]]*(?=\s+['\"(\[]*[A-Z0-9%])|[.?!]['\")\]]*\s*$")
ABBREVIATIONS = re.compile(r"\b(?:pp?|e\.g|i\.e|vs|Dr|Prof|St|No|et al|cf|approx)\.$", _I)
