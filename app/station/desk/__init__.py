"""The desk: its two cards, the work in front, and what readers, scanners and look-ups bring to it.

`input_router` takes what is scanned, tapped or typed. It puts tokens and people onto the cards of
`desk`, or shows a token to `work` while that waits for it. `work` holds the one enrollment in
front. `holder_lookup` answers who holds a token and what a person has.
"""
