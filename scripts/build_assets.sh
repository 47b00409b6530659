#!/bin/sh
# Installs the locked npm packages and builds static/vendor/ and app/regions.json, with the system's node or one from a
# Python package. NPM_WITH_DEV=1 installs what only the tests need, too.
set -eu
cd "$(dirname "$0")/.."

if ! command -v npm >/dev/null 2>&1 || ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)'; then
    .venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r requirements/node.txt ||
        { echo "Node 18 or newer is needed: install nodejs and npm with the system's package manager"; exit 1; }
    PATH="$PWD/.venv/bin:$PATH"
fi

wanted="$(cksum <package-lock.json) dev=${NPM_WITH_DEV:-0}"
have="$(cat node_modules/.stvs 2>/dev/null || true)"
# What was installed with the tests' packages is enough for everything.
if [ "$have" != "$wanted" ] && [ "$have" != "$(cksum <package-lock.json) dev=1" ]; then
    if [ "${NPM_WITH_DEV:-0}" = 1 ]; then omit=""; else omit="--omit=dev"; fi
    npm ci --ignore-scripts --loglevel=error $omit >/dev/null ||
        { echo "npm ci failed: is the npm registry reachable?"; exit 1; }
    printf '%s' "$wanted" >node_modules/.stvs
fi
mkdir -p static/vendor
node scripts/build_assets.mjs
# Compressed once here, not at each request; what is served compressed is always younger than its source.
find static -name '*.gz' -o -name '*.br' | xargs rm -f
.venv/bin/python -m whitenoise.compress --quiet static
