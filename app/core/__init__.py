"""What the station knows and decides: no Qt, no I/O, no clock, no threads, no logging.

Glossary: the nouns of the whole program, one meaning each. The words of Entra ID are those of
Microsoft Graph, the words of codes those of RFC 6238. Behind each noun stands where it is defined.

In the directory
    directory      Microsoft Entra ID behind Microsoft Graph, or a practice tenant (ports.Directory)
    tenant         one organization's part of the directory (tenancy)
    token          a hardware OATH token; Graph: hardwareOathTokenAuthenticationMethodDevice
                   (model.Token). Never a sign-in token, which is called that in full
    serial number  what is printed on a token. One tenant can hold it twice; the device id is unique
    inventory      all tokens of the tenant, each with its status and holder (inventory)
    holder         the person to whom the inventory says that a token is assigned (model.Holder)
    person         a user of the directory, in front of the desk or looked up there (model.Person)
    method         one authentication method of a person; a token in use is one (model.Method)
    policy         the tenant's policy for hardware OATH tokens (model.Policy)
    role, scope    what the directory demands for a request: an Entra role, a delegated permission
                   (rights)
    pass           a Temporary Access Pass (access_pass); its issuing is pass work (pass_work)

In the hand
    seed           the secret of a token from which its codes follow, RFC 6238's K (secret, seed)
    code           the six digits that a token shows for one time step (code)
    time interval  the seconds of a time step, RFC 6238's X: 30 or 60 (model.Token.interval)
    drift          the token's clock minus true time in seconds (reading.TokenReading)
    skew           the directory's clock minus this machine's, in seconds (skew)
    scan           a text that a scanner read or somebody typed, before it is judged (scan)
    wedge          a scanner that types like a keyboard (wedge)
    reading        what a chip card told when it was laid on a reader or put into it (reading)
    badge          a card or barcode that names a person, never a token (badge)

At the desk
    station        this program at one desk with one configuration
    operator       who is signed in: a person, or an application with a certificate (model.Operator)
    desk           where an operator serves one person after another; also its configured name
    kiosk          a station that nobody watches; only a supervisor's PIN leaves it (kiosk, pin)
    lane           a station at which people serve themselves: self-service (lane)
    line           one row of a list of enrollments (record.Line); in line mode, the queue of people
                   on an onboarding day (line)

The work
    assign         give a token to a person in the directory
    activate       prove by a code that the person has the token; only then it works for signing in
    deactivate     take the activation back; the token stays assigned
    unassign       take the token from its holder
    enrollment     one operation with one token for one person, from the first scan to the state in
                   which it comes to rest (enrollment.Enrollment, a table in transitions)
    work in front  the enrollment that the desk shows: the draft of its two cards, or an operation
                   that was chosen for a token (app.station.desk.work.TokenWork)
    mode           whether a token is handed over assigned only, or activated too (model.Mode)
    operation      the request that an enrollment comes down to (model.Operation)
    state          where an enrollment stands (states.State); at rest nothing more happens by itself
    event          what moves an enrollment from one state to the next (events)
    finding        what the check before a submit has found: it blocks, or it warns (preflight)
    proof          how the operator showed that the token is in the hand, or why it is not
    look           one reading of the directory after a request, to see what it did (observe)
    patience       the looks that are taken before the station says that an end is not known
    correction     a state of rest that a later look has changed (corrections)
    replacement    two linked enrollments: a new token given, the old one taken (lifecycle)
    tray           assignments that wait on disk until the directory can be reached: staged work
    job            many rows done one after the other (job): an upload (importing) or a deed done to
                   many tokens of the inventory (bulk)

Written down
    record         the entries of this station, each chained by its hash to the one before
                   (record, ports.Ledger)
    subject        what an entry is about: an enrollment, a token, a session, a job or a person
                   (station_event.Subject)
    station event  an entry that is about no enrollment (station_event.StationEvent)
    entry          one fact of the record, such as the intent to send or a state (record.Entry)
    intent         the entry that is on disk before a request is sent
    head           the hash of the last entry, by which the whole record can be checked
    receipt        what a person signs for when a token changes hands, made of entries (receipt)
    shelf          small texts kept beside the record, and files written for people (shelf)

Between the parts
    port           an interface that the station needs and an adapter fulfils (ports, import_ports)
    notice         one frozen object by which the station tells the window what has changed
                   (app.station.notices); the parts of the station call each other instead
    context        ports, settings, operator and the way to tell a notice, given to every part
                   (app.station.context.StationContext)
    error          every fault carries what to say, what to do and its raw evidence (errors)
    evidence       path, status, message and request ids of one exchange with the directory
"""
