#!/bin/sh
# Gives the prompts in the folder to Claude Code, one turn after another of one conversation.
set -eu
conversation=$(cat /proc/sys/kernel/random/uuid)
how=--session-id
for turn in "$1"/*; do
  claude -p --output-format stream-json --verbose "$how" "$conversation" "$(cat "$turn")" </dev/null
  how=--resume
done
