"""A Chromium of the system that leads to the sign-in and nowhere else, for a kiosk.

`policy` makes and checks what confines it, on any system; `confined` starts it, on Linux;
`practice` confines it for the practice tenant without changing the machine.
"""
