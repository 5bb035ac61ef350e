"""A desk made of the widgets alone, with the hard cases in it: long words and many scripts."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from app.ui.widgets import (
    Avatar,
    Banner,
    Card,
    ChipRow,
    CodeField,
    DangerButton,
    EvidencePanel,
    FactGrid,
    KeyHint,
    LinkButton,
    Mark,
    NavRail,
    PersonSearch,
    PrimaryButton,
    Row,
    Rule,
    SecondaryButton,
    Segmented,
    SerialLabel,
    Spinner,
    StatusPill,
    Step,
    StepRing,
    StepState,
    Timeline,
    Tone,
    initials_of,
    text,
)

NAMES = (
    "山田 太郎",
    "Nguyễn Thị Lan",
    "عبد الله",
    "अनिल कुमार",
    "ไทย สมชาย",
    "Ελένη Παπαδοπούλου",
    "Siobhán O’Brien-Müller",
    "김민준",
)


def describe(count: int, of: int) -> str:
    """The progress of a code without its digits."""
    return f"{count} of {of} digits"


def token_card() -> Card:
    """A token that was read."""
    card = Card("Token")
    card.set_mark(Mark.GOOD, word="Ready")
    chips = ChipRow()
    chips.set_chips([("In stock", Tone.GOOD), ("Clock +2 s", Tone.GOOD)])
    facts = FactGrid()
    facts.set_facts(
        [("Model", "Token2 C301-i"), ("Code", "6 digits every 30 s"), ("Held by", "Nobody")]
    )
    card.body.addWidget(SerialLabel("8659610904217"))
    card.body.addWidget(chips)
    card.body.addWidget(facts)
    card.body.addStretch(1)
    card.set_footer("Read by NFC pad", "F2", "another token")
    return card


def person_card(name: str) -> Card:
    """A person whose mail address is longer than the card is wide."""
    card = Card("Person")
    card.set_mark(Mark.CAUTION, word="Needs attention")
    avatar = Avatar()
    avatar.set_person(None, initials_of(name), name)
    words = QVBoxLayout()
    words.setSpacing(2)
    words.addStretch(1)
    words.addWidget(text(name, "heading", wrap=True))
    words.addWidget(text("Turbine engineer, Hall 3", "subtitle"))
    words.addStretch(1)
    head = QHBoxLayout()
    head.setSpacing(14)
    head.addWidget(avatar)
    head.addLayout(words, 1)
    facts = FactGrid()
    mail = "a.person.with-a-very-long-name-that-does-not-fit@subsidiary.contoso.example"
    facts.set_facts([("Sign-in", mail), ("Employee", "004117"), ("Has now", "Phone, app")])
    chips = ChipRow()
    chips.set_chips([("May receive a token (2 of 5)", Tone.GOOD), ("Guest", Tone.CAUTION)])
    card.body.addLayout(head)
    card.body.addWidget(facts)
    card.body.addWidget(chips)
    card.body.addStretch(1)
    card.set_footer("Compare the face with the photo", "F3", "another person")
    return card


def action_card(field: CodeField) -> Card:
    """The code being typed."""
    card = Card("Hand over")
    card.set_mark(Mark.NUMBER, 3)
    card.set_active(True)
    ring = StepRing()
    ring.set_value(0.63)
    hint = QHBoxLayout()
    hint.setSpacing(9)
    hint.addWidget(ring, 0, Qt.AlignmentFlag.AlignTop)
    hint.addWidget(text("Press the button on the token.", "smallmuted", wrap=True), 1)
    card.body.addWidget(
        Segmented("How", [("activate", "Assign and &activate"), ("assign", "Assign &only")])
    )
    card.body.addWidget(field)
    card.body.addLayout(hint)
    card.body.addStretch(1)
    card.body.addWidget(PrimaryButton("Assign and activate", "Enter"))
    return card


def timeline_card() -> Card:
    """Every state of a step."""
    card = Card("This enrollment")
    timeline = Timeline()
    timeline.set_steps(
        [
            Step("Token and person checked", "10:42:07, nothing stands in the way", StepState.DONE),
            Step("Waiting for the code", "The six digits on the token", StepState.CURRENT),
            Step("The code was refused", "Wait for the next one", StepState.ATTENTION),
            Step("Not submitted", "The directory did not answer", StepState.FAILED),
            Step("Confirmed by the directory"),
        ]
    )
    card.body.addWidget(timeline)
    card.body.addStretch(1)
    return card


def parts_card() -> Card:
    """The small parts, beside each other."""
    card = Card("Parts")
    chips = ChipRow()
    chips.set_chips([(tone.value.title(), tone) for tone in Tone])
    card.add_header(chips)
    buttons = QHBoxLayout()
    disabled = PrimaryButton("Disabled", "Enter")
    disabled.setEnabled(False)
    for button in (
        SecondaryButton("Copy", icon="copy"),
        SecondaryButton("Search", key="F3"),
        DangerButton("Unassign"),
        LinkButton("Try again"),
        disabled,
        Spinner(),
    ):
        buttons.addWidget(button)
    plain = QHBoxLayout()
    combo = QComboBox()
    combo.addItems(["Contoso", "Fabrikam"])
    bar = QProgressBar()
    bar.setValue(40)
    for widget in (QLineEdit("Typed"), combo, QCheckBox("Sounds"), bar):
        plain.addWidget(widget)
    evidence = EvidencePanel("Copy", "Evidence")
    evidence.set_evidence(
        [
            ("Status", "403"),
            ("Code", "Authorization_RequestDenied"),
            ("request-id", "3e2f1c8a-0b1d-4f5e-9a7b-6c5d4e3f2a1b"),
        ]
    )
    card.body.addLayout(buttons)
    card.body.addLayout(plain)
    card.body.addWidget(Rule())
    card.body.addWidget(evidence)
    card.body.addStretch(1)
    return card


def rows() -> list[Row]:
    """People as an answer holds them."""
    tags = {1: (("Guest", Tone.CAUTION),), 3: (("Disabled", Tone.BAD),)}
    return [
        Row(
            key=f"id-{at}",
            name=name,
            detail="Turbine engineer, Hall 3",
            upn=f"person.{at}@contoso.example",
            employee=f"00411{at}",
            initials=initials_of(name),
            tags=tags.get(at, ()),
        )
        for at, name in enumerate(NAMES)
    ]


def top_bar(search: PersonSearch) -> QFrame:
    """Where one is and how everything does."""
    bar = QFrame()
    bar.setObjectName("topbar")
    row = QHBoxLayout(bar)
    row.setContentsMargins(24, 10, 24, 10)
    row.setSpacing(10)
    row.addWidget(text("Front desk", "title"))
    row.addWidget(text("Contoso", "subtitle"))
    row.addWidget(search, 1)
    row.addWidget(StatusPill("Scanner", Tone.GOOD))
    row.addWidget(StatusPill("NFC pad", Tone.BAD))
    row.addWidget(StatusPill("Directory, 480 ms", Tone.CAUTION))
    row.addWidget(KeyHint("F12", "lock"))
    return bar


def rail() -> NavRail:
    """The places to go."""
    made = NavRail("Places")
    for key in ("desk", "history", "tokens", "import"):
        made.add_entry(key, key, key.title())
    made.add_entry("settings", "settings", "Settings", bottom=True)
    made.set_current("desk")
    return made


def page(field: CodeField) -> QWidget:
    """The cards in two rows."""
    made = QWidget()
    made.setObjectName("page")
    made.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    column = QVBoxLayout(made)
    column.setContentsMargins(24, 20, 24, 20)
    column.setSpacing(16)
    upper, lower = QHBoxLayout(), QHBoxLayout()
    for row in (upper, lower):
        row.setSpacing(16)
        column.addLayout(row, 1)
    upper.addWidget(token_card(), 18)
    upper.addWidget(person_card("Siobhán O’Brien-Müller"), 20)
    upper.addWidget(action_card(field), 18)
    lower.addWidget(timeline_card(), 18)
    lower.addWidget(parts_card(), 39)
    return made


class Gallery(QWidget):
    """The whole: rail, banner, bar and page."""

    def __init__(self) -> None:
        super().__init__()
        self.search = PersonSearch("Find a person", "Name, sign-in or employee number")
        self.field = CodeField("Code on the token", describe)
        self.banner = Banner()
        self.banner.set_banner("Practice tenant. Nothing here reaches a real one.", Tone.CAUTION)
        fault = Banner()
        fault.set_banner("The directory does not answer.", Tone.BAD, "Show evidence", "F9")
        column = QVBoxLayout()
        column.setSpacing(0)
        for widget in (self.banner, top_bar(self.search), fault):
            column.addWidget(widget)
        column.addWidget(page(self.field), 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(rail())
        row.addLayout(column, 1)
        self.resize(QSize(1280, 800))
