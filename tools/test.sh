#!/bin/sh
# Everything, from a fresh clone on a machine with Node 20 or newer and npm: installs, then the gate, then the end-to-end tests.
set -eu
cd "$(dirname "$0")/.."
sh tools/install.sh npm
sh tools/install.sh debian
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
node tools/ok.ts
find test/e2e -name '*.test.ts' 2>/dev/null | grep -q . || {
  echo 'Cannot run the end-to-end tests: test/e2e holds none' >&2
  exit 1
}
npm run --silent test:e2e
