"""Every sentence an operator reads, and nothing else: plain language, present tense, no blame.

Sentences are whole (never glued), with named places for what they speak of, so that they can be
translated. They are looked up when they are shown.
"""
