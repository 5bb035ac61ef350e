"""The sentences of `doctor`, by what was found: what it means, and what to do."""

from collections.abc import Mapping
from typing import Final

from app.core.checkup import Told

_MACHINE: Final[Mapping[Told, tuple[str, str]]] = {
    Told.AFTER: ("It depends on another check that failed: {name}.", ""),
    Told.NOBODY: (
        "It needs a sign-in, and nobody is signed in.",
        "Sign in, then check again. On a terminal, add --sign-in.",
    ),
    Told.NOT_WANTED: ("The configuration does not ask for this.", ""),
    Told.BY_PROXY: ("The proxy does this for the station.", ""),
    Told.NO_TENANT: (
        "It needs a tenant, and none is configured.",
        "Name the tenant and the client id in the configuration.",
    ),
    Told.FOR_PEOPLE: ("A station that signs in by itself does not need this.", ""),
    Told.TOO_SLOW: (
        "The check did not end within {seconds} seconds.",
        "Something on the way is very slow or does not answer. Check again in a minute.",
    ),
    Told.VERSIONS: ("Oathdesk {version} runs on Python {python}.", ""),
    Told.SOUND: ("The configuration is sound. Locked keys: {locked}.", ""),
    Told.HINTS: (
        "The configuration is sound, with hints: {hints}.",
        "The details name each place. Nothing has to be done at once.",
    ),
    Told.FOLDER_WRITABLE: ("The folder can be written. Free: {free} MiB.", ""),
    Told.FOLDER_FULL: (
        "The disk is nearly full. Free: {free} MiB.",
        "Free space on the disk before the record cannot be written any more.",
    ),
    Told.FOLDER_UNWRITABLE: (
        "The folder {folder} cannot be written.",
        "Let the person who runs the station write there, free space, or configure another folder.",
    ),
    Told.RECORD_WHOLE: ("The record is whole from its first entry to its last.", ""),
    Told.RECORD_ALONE: (
        "The record is whole. No head is kept outside its file: this machine has no journal.",
        "",
    ),
    Told.RECORD_NONE: ("There is no record yet. It begins with the first enrollment.", ""),
    Told.RECORD_CHANGED: (
        "The record is not whole: entry {entry} is not what was written.",
        "Keep a copy of the file for whoever investigates. The entries before it are whole.",
    ),
    Told.RECORD_LISTED_OTHERWISE: (
        "The entries of the record are whole. The list of enrollments is not made of them.",
        "Start the station again: it makes the list anew. Keep a copy of the file for an inquiry.",
    ),
    Told.RECORD_UNFOLLOWED: (
        "The system's log holds a head of the record that the record does not follow.",
        "Run `oathdesk ledger verify`, which names each such head. Keep a copy of the file.",
    ),
    Told.RECORD_LONG: (
        "The record is long and was not verified to its end within {seconds} seconds.",
        "Run `oathdesk ledger verify`, which takes the time it needs.",
    ),
    Told.STORE_KEEPS: ("{store} keeps the sign-in, encrypted.", ""),
    Told.STORE_ABSENT: (
        "This system has no key store, so the sign-in is kept in memory alone.",
        "Operators sign in after each start. The details say what is missing.",
    ),
    Told.STORE_LOCKED: (
        "The key store of the system is locked, so the sign-in is kept in memory alone.",
        "Unlock the key store before the station starts.",
    ),
    Told.STORE_FAILED: (
        "The key store of the system does not work, so the sign-in is kept in memory alone.",
        "Operators sign in after each start. The details say what went wrong.",
    ),
    Told.KEY_GOOD: ("The certificate of the station is good until {day}.", ""),
    Told.KEY_SIGNS: (
        "The key store signs for the station. Its certificate is good until {day}.",
        "",
    ),
    Told.KEY_ENDS_SOON: (
        "The certificate of the station ends on {day}. Days left: {days}.",
        "Register a new certificate with the application and put it in place of the old one.",
    ),
    Told.BROWSER_CONFINED: (
        "The browser for the sign-in is confined. Hosts that it may open: {count}.",
        "",
    ),
    Told.BROWSER_ON_LINUX: (
        "A confined browser is offered on Linux alone.",
        "Offer another way to sign in (signin.methods): on Windows, the broker.",
    ),
    Told.READERS_FOUND: ("Card readers connected: {count}.", ""),
    Told.READERS_NONE: (
        "No card reader is connected.",
        "Plug one in. Scanning and typing work without it.",
    ),
    Told.READERS_PACKAGE: (
        "The part of the program that reads cards is not installed.",
        "Install oathdesk[readers], or switch card readers off in the configuration.",
    ),
    Told.READERS_LIBRARY: (
        "The smart card library of the system is not installed.",
        "Install it (on Debian: libpcsclite1 and pcscd). Scanning and typing work without it.",
    ),
    Told.READERS_SERVICE: (
        "The smart card service of the system does not run.",
        "Start it (pcscd on Linux, Smart Card on Windows). Scanning and typing work without it.",
    ),
    Told.PORTS_FOUND: ("Serial ports of scanners: {count}.", ""),
    Told.PORTS_NONE: ("No scanner is connected to a serial port.", ""),
    Told.PORTS_FORBIDDEN: (
        "This user may not open a serial port that belongs to a scanner.",
        "On Linux, add the user to the group that owns the port (dialout), then sign in anew.",
    ),
    Told.PORTS_PACKAGE: (
        "The part of the program that listens to serial ports is not installed.",
        "Install oathdesk[readers], or switch serial ports off in the configuration.",
    ),
}

_NETWORK: Final[Mapping[Told, tuple[str, str]]] = {
    Told.ENVIRONMENT_CLEAR: ("No variable of the environment had to be ignored.", ""),
    Told.ENVIRONMENT_IGNORED: (
        "Variables that would change whom this program trusts are set. They are ignored: {names}.",
        (
            "Find out who set them: other programs may heed them. Your company's authority belongs "
            "in the system's store or in network.ca_file, its proxy in network.proxy."
        ),
    ),
    Told.AUTHORITIES_OF_SYSTEM: ("The authorities of this system are trusted.", ""),
    Told.AUTHORITIES_BUILT_IN: (
        "This system has no store of authorities, so those that came with the program are trusted.",
        (
            "Install your distribution's package ca-certificates, or name your company's "
            "authorities as network.ca_file."
        ),
    ),
    Told.PROXY_NONE: ("No proxy lies on the way.", ""),
    Told.PROXY_CONFIGURED: ("The configured proxy {proxy} opens the way.", ""),
    Told.PROXY_OF_SYSTEM: ("The proxy {proxy} opens the way. The system's settings name it.", ""),
    Told.PROXY_PASSWORD: (
        "The proxy {proxy} asks for a password, or does not accept the one it is given.",
        "Your administrator can let this machine through, or configure the proxy with a password.",
    ),
    Told.PROXY_REFUSES: (
        "The proxy {proxy} does not open the way.",
        "Ask its administrator to allow the hosts for sign-in and Microsoft Graph.",
    ),
    Told.PROXY_AWAY: (
        "The proxy {proxy} cannot be reached.",
        "Compare its address in the configuration, or in the system's settings, with the real one.",
    ),
    Told.PROXY_UNUSABLE: (
        "The proxy that is named cannot be used.",
        "Name a proxy whose address begins with http:// or https://. SOCKS is not supported.",
    ),
    Told.NAME_KNOWN: ("{host} has an address.", ""),
    Told.NAME_UNKNOWN: (
        "The name {host} is not known here.",
        "Check the network and its name server. A closed network needs a proxy configured.",
    ),
    Told.CONNECTED: ("{host} accepts connections.", ""),
    Told.CONNECTION_REFUSED: (
        "{host} refuses the connection on port {port}.",
        "A firewall may be in the way. Ask its administrator to allow this host.",
    ),
    Told.CONNECTION_SILENT: (
        "{host} does not answer on port {port}.",
        "A firewall may swallow what is sent. Ask its administrator to allow this host.",
    ),
    Told.CONNECTION_FAILED: (
        "{host} cannot be reached on port {port}.",
        "Check the network of this machine. The details have the system's own words.",
    ),
    Told.TRUSTED: ("The certificate of {host} is trusted.", ""),
    Told.UNKNOWN_AUTHORITY: (
        "{host} shows a certificate whose issuer this machine does not trust: {issuer}.",
        (
            "Where the issuer is your company, a proxy opens the encryption: configure its "
            "authority as network.ca_file. Where nobody knows it, do not use this network."
        ),
    ),
    Told.CERTIFICATE_TIME: (
        "The certificate of {host} is outside its time, by the clock of this machine.",
        "Check date and time of this machine first. The details show the certificate's own dates.",
    ),
    Told.CERTIFICATE_NAME: (
        "Something else answers in the name of {host}.",
        (
            "The details show whose certificate it is. A sign-in page of the network may be in the "
            "way."
        ),
    ),
    Told.CERTIFICATE_REFUSED: (
        "The certificate of {host} is not accepted.",
        "The details show the certificate, and why it is not accepted.",
    ),
    Told.AUTHORITIES_UNREADABLE: (
        "The file with the company's certificates cannot be used: {file}.",
        "It has to be there, to be readable, and to hold certificates as PEM.",
    ),
    Told.TLS_FAILED: (
        "No encrypted connection to {host} can be made.",
        "A firewall or a proxy may cut it. The details have the system's own words.",
    ),
    Told.ANSWERED: ("{host} answers as it should.", ""),
    Told.ANSWERED_PAGE: (
        "Something else answers in place of {host}.",
        (
            "A sign-in page of the network may be in the way. Open a browser and sign in to the "
            "network."
        ),
    ),
    Told.ANSWERED_FAULT: (
        "{host} has a fault of its own (HTTP {status}).",
        "Check again in a few minutes. A proxy on the way may have the fault as well.",
    ),
    Told.ANSWER_FAILED: (
        "{host} gives no whole answer.",
        "Check again in a minute. The details have the network's own words.",
    ),
    Told.CLOCK_RIGHT: ("The clock of this machine is right.", ""),
    Told.CLOCK_OFF: (
        "The clock of this machine is {off}.",
        "Codes are judged by the directory's time. Set the clock when you can.",
    ),
    Told.CLOCK_WRONG: (
        "The clock of this machine is {off}.",
        "Set date and time. Signing in may fail, and the record shows wrong times.",
    ),
    Told.CLOCK_UNKNOWN: ("No server has told the time.", ""),
}

_ACCOUNT: Final[Mapping[Told, tuple[str, str]]] = {
    Told.TENANT_EXISTS: ("The configured tenant exists.", ""),
    Told.METHODS_OFFERED: ("Ways to sign in: {count}.", ""),
    Told.METHODS_NONE: (
        "There is no way to sign in on this machine.",
        "Configure another way to sign in (signin.methods).",
    ),
    Told.METHODS_FEWER: (
        "A configured way to sign in is not available on this machine: {methods}.",
        "Install what it needs, or take it out of the configuration (signin.methods).",
    ),
    Told.SIGNED_IN: ("The sign-in works. Permissions granted: {count}.", ""),
    Told.DEVICE_CODE_WORKS: ("It works: this sign-in came that way.", ""),
    Told.DEVICE_CODE_OPEN: ("No policy that can be read blocks it.", ""),
    Told.DEVICE_CODE_DEFAULTS: (
        "The security defaults of the tenant are on, and they block it.",
        "Offer another way to sign in (signin.methods): the browser, Windows, or a certificate.",
    ),
    Told.DEVICE_CODE_BLOCKED: (
        "Conditional Access policies that block it: {count}.",
        (
            "The details name them. Ask for an exclusion by application and location, or offer "
            "another way to sign in (signin.methods)."
        ),
    ),
    Told.DEVICE_CODE_UNKNOWN: (
        "This sign-in may not read whether the tenant blocks it. Many tenants do.",
        (
            "Tenants made since July 2026 and tenants with security defaults block it. A Global "
            "Reader can check, or try it on the sign-in page."
        ),
    ),
    Told.SCOPE_GRANTED: ("The permission is granted.", ""),
    Told.SCOPE_MISSING: (
        "The permission {scope} is missing.",
        "A Privileged Role Administrator consents to it for this app; then sign in again.",
    ),
    Told.SCOPES_UNKNOWN: (
        "The sign-in does not tell which permissions it was given.",
        "Try it at the desk: the directory tells what is missing.",
    ),
    Told.ROLE_HELD: ("The role, or one that includes it, is active.", ""),
    Told.ROLE_MISSING: (
        "The role {role} is missing or not active.",
        (
            "Activate it or ask a Privileged Role Administrator for it, then check again. A role "
            "that is limited to an administrative unit is not seen here."
        ),
    ),
    Told.ROLES_UNREADABLE: (
        "The roles cannot be read with the permissions that were asked for.",
        "Nothing has to be done: the directory tells at the desk where a role is missing.",
    ),
    Told.CLOUD_OFFERS: ("This cloud manages hardware tokens.", ""),
    Told.CLOUD_DOCUMENTED: ("Hardware tokens are documented for this cloud.", ""),
    Told.CLOUD_DOUBTFUL: (
        "Hardware tokens are not documented for this cloud.",
        "Sign in, then check again: the directory tells whether it has them.",
    ),
    Told.POLICY_FOR_ALL: (
        "The policy is on and covers everyone. Users and groups excluded: {excluded}.",
        "",
    ),
    Told.POLICY_FOR_SOME: (
        "The policy is on and covers some. Users: {users}, groups: {groups}, excluded: {excluded}.",
        "Whoever is not covered cannot use a token. Compare with whom this desk serves.",
    ),
    Told.POLICY_FOR_NONE: (
        "The policy is on and covers nobody.",
        "An Authentication Policy Administrator adds users or groups to the policy.",
    ),
    Told.POLICY_OFF: (
        "The tenant's policy for hardware tokens is off.",
        "An Authentication Policy Administrator switches Hardware OATH tokens on.",
    ),
    Told.POLICY_OFF_LEGACY: (
        "The tenant's policy for hardware tokens is off, and its legacy policies still count.",
        (
            "Whoever a legacy policy lets use tokens can use them; the desk asks for the reason. "
            "An Authentication Policy Administrator can switch the policy on."
        ),
    ),
    Told.POLICY_UNKNOWN: (
        "The policy is in a state that this version does not know.",
        "The details have the directory's word for it.",
    ),
    Told.INVENTORY_READ: ("The inventory can be read. Tokens on its first page: {shown}.", ""),
    Told.INVENTORY_EMPTY: (
        "The inventory is empty.",
        "Import tokens into the tenant before handing them over.",
    ),
}

FINDINGS: Final[Mapping[Told, tuple[str, str]]] = {**_MACHINE, **_NETWORK, **_ACCOUNT}
"""Every finding that carries no error; an error has words of its own."""
