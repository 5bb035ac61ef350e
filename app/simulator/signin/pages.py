"""The sign-in pages: plain HTML forms that a person reads and a script can fill in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

_STYLE = """
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;
font:16px/1.5 Inter,"Segoe UI",system-ui,sans-serif;color:#16202e;
background:linear-gradient(160deg,#e8eef7,#f4f5f7 60%,#e4f0ea)}
main{width:min(26rem,92vw);background:#fff;border:1px solid #dfe3e9;border-radius:14px;
padding:2.25rem;box-shadow:0 12px 40px #16202e14}
.brand{display:flex;align-items:center;gap:.6rem;font-weight:600;color:#5b6778;margin-bottom:1.5rem}
.mark{width:1.6rem;height:1.6rem;border-radius:.45rem;
background:linear-gradient(135deg,#0b63ce,#14804a)}
h1{font-size:1.4rem;margin:0 0 .4rem}p{margin:.2rem 0 1rem;color:#5b6778}
label{display:block;font-weight:600;margin:1rem 0 .3rem}
input[type=text],input[type=password]{width:100%;font:inherit;padding:.7rem .8rem;
border:1px solid #b9c2ce;border-radius:8px}
input:focus,button:focus{outline:3px solid #0b63ce55;border-color:#0b63ce}
.code{letter-spacing:.25em;text-transform:uppercase;font-size:1.3rem!important;text-align:center}
.row{display:flex;flex-direction:row-reverse;gap:.75rem;margin-top:1.6rem}
button{font:inherit;font-weight:600;padding:.65rem 1.3rem;border-radius:8px;
border:1px solid #b9c2ce;background:#fff;color:#16202e;cursor:pointer}
button.main{background:#0b63ce;border-color:#0b63ce;color:#fff}
.bad{background:#fbe9e7;color:#b3261e;padding:.7rem .9rem;border-radius:8px;margin:0 0 1rem}
footer{margin-top:1.75rem;font-size:.82rem;color:#5b6778;border-top:1px solid #dfe3e9;
padding-top:1rem}
"""


def _page(title: str, content: str, tail: str = "") -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}'
        '</title><meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<style>{_STYLE}</style></head><body><main><div class="brand"><span class="mark">'
        f"</span>Contoso · practice tenant</div>{content}<footer>This sign-in page belongs to the"
        " embedded practice tenant on this computer. Use its practice accounts only.</footer>"
        f"</main>{tail}</body></html>"
    )


def _hidden(fields: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields.items()
    )


def _problem(message: str) -> str:
    return f'<p class="bad" role="alert">{escape(message)}</p>' if message else ""


@dataclass(frozen=True, slots=True)
class FilledIn:
    """What a practice sign-in page has in its fields already.

    With `after` the page sends itself after so many seconds, for a tour: no program can type into
    the browser of another.
    """

    username: str = ""
    password: str = field(default="", repr=False)
    after: float | None = None


def sign_in(
    action: str, app_name: str, filled: FilledIn, message: str, hidden: Mapping[str, str]
) -> str:
    """The form for username and password; `hidden` fields travel with it."""
    focus_name, focus_word = ("", " autofocus") if filled.username else (" autofocus", "")
    tail = ""
    if filled.after is not None:
        press = "document.querySelector('button.main').click()"
        tail = f"<script>setTimeout(() => {press}, {filled.after * 1000:.0f})</script>"
    content = (
        f"<h1>Sign in</h1><p>to continue to {escape(app_name)}</p>{_problem(message)}"
        f'<form method="post" action="{escape(action)}">{_hidden(hidden)}'
        '<label for="username">Username</label>'
        f'<input id="username" type="text" name="username" value="{escape(filled.username)}"'
        f' autocomplete="username" spellcheck="false" required{focus_name}>'
        '<label for="password">Password</label>'
        '<input id="password" type="password" name="password" autocomplete="current-password"'
        f' value="{escape(filled.password)}" required{focus_word}><div class="row">'
        '<button class="main" name="decision" value="sign-in">Sign in</button>'
        '<button name="decision" value="cancel" formnovalidate>Cancel</button></div></form>'
    )
    return _page("Sign in", content, tail)


def hand_over(redirect_uri: str, fields: Mapping[str, str], *, signed_in: bool) -> str:
    """A form that posts itself to the waiting app; a button does it where scripts are off."""
    heading = "You are signed in" if signed_in else "You are not signed in"
    content = (
        f"<h1>{heading}</h1><p>Returning to the app. If nothing happens, press Continue.</p>"
        f'<form method="post" action="{escape(redirect_uri)}">{_hidden(fields)}'
        '<div class="row"><button class="main">Continue</button></div></form>'
    )
    return _page(heading, content, "<script>document.forms[0].submit()</script>")


def device_code(action: str, message: str, user_code: str = "") -> str:
    """The form for the code that the app shows."""
    content = (
        "<h1>Enter the code</h1><p>The app on your other screen shows a code.</p>"
        f'{_problem(message)}<form method="post" action="{escape(action)}">'
        '<label for="user_code">Code</label><input id="user_code" class="code" type="text"'
        f' name="user_code" value="{escape(user_code)}" autocomplete="off" required autofocus>'
        '<div class="row"><button class="main">Next</button></div></form>'
    )
    return _page("Enter the code", content)


def notice(heading: str, text: str) -> str:
    """A page that only says something."""
    return _page(heading, f"<h1>{escape(heading)}</h1><p>{escape(text)}</p>")
