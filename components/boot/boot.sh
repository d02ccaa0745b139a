#!/usr/bin/env bash
# Configures this VM and starts the executor. It may run again at any time, and it holds no secret:
# the program below fetches them with the VM's own identity. What it does is told in the journal.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT

base64 --decode <<'PROGRAM' | gunzip >"$folder/boot.pyz"
@program@
PROGRAM

base64 --decode <<'DOCUMENT' | gunzip >"$folder/document.json"
@document@
DOCUMENT

python3 -I "$folder/boot.pyz" "$folder/document.json"
