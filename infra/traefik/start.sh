#!/bin/sh
# Starts Traefik as its static configuration says, which knows no variables: whose X-Forwarded-For is believed, comes
# from TRUSTED_PROXIES. start.sh CONFIGURATION, where CONFIGURATION may not be changed; its copy is in /tmp.
set -eu
trusted=$(printf %s "${TRUSTED_PROXIES:-}" | tr -d ' ' | sed 's/,/","/g')
sed "s|trustedIPs: \[\]|trustedIPs: [${trusted:+\"$trusted\"}]|" "$1" > "${TMPDIR:-/tmp}/traefik.yml"
exec traefik --configFile="${TMPDIR:-/tmp}/traefik.yml"
