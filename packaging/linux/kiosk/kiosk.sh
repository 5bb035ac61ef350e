#!/bin/sh
# One command that turns a bare Debian machine into a kiosk, and one that undoes it. It lies beside
# the two packages:
#
#     sudo sh kiosk.sh on [CONFIGURATION]
#     sudo sh kiosk.sh off
set -eu

here=$(cd "$(dirname "$0")" && pwd)
case ${1:-} in
    on)
        set -- "${2:-}" "$here"/oathdesk_*.deb "$here"/oathdesk-kiosk_*.deb
        [ $# -eq 3 ] || { echo "kiosk.sh: beside it must lie one package of each." >&2; exit 1; }
        DEBIAN_FRONTEND=noninteractive apt-get install --yes "$2" "$3"
        if [ -n "$1" ]; then
            exec oathdesk-kiosk enable --config "$1"
        fi
        exec oathdesk-kiosk enable
        ;;
    off)
        exec apt-get purge --yes oathdesk-kiosk
        ;;
    *)
        echo "usage: sh kiosk.sh on [CONFIGURATION] | off" >&2
        exit 2
        ;;
esac
