#!/bin/sh
# The commands of the exchange, with its settings and as its user: vambe-identity outbox list
# To be run by root: /usr/local/bin/vambe-identity
exec setpriv --reuid=vambe-identity --regid=vambe-identity --init-groups \
  node --env-file=/etc/vambe-identity/vambe-identity.env \
  /opt/vambe-identity/node_modules/vambe-identity/dist/server/cli.js "$@"
