#!/bin/sh
# Call any endpoint with curl.
#
# sh call.sh http://127.0.0.1:7860 read_text '{"image": "FILE", "words": "hello world"}' photo.jpg
set -eu
api=$1/gradio_api endpoint=$2 given=$3

if [ $# -gt 3 ]; then # upload the file: the answer is ["its path"]
    path=$(curl -sS --fail-with-body -F "files=@$4" "$api/upload" | tr -d '[]')
    given=$(printf %s "$given" | sed "s|\"FILE\"|{\"path\": $path, \"meta\": {\"_type\": \"gradio.FileData\"}}|")
fi
asked=$(curl -sS --fail-with-body --json "$given" "$api/call/v2/$endpoint") || { echo "$asked" >&2 && exit 1; }
event=$(printf %s "$asked" | sed 's/.*"event_id": *"\([^"]*\)".*/\1/')
answer=$(curl -sS "$api/call/$endpoint/$event")
printf '%s\n' "$answer" | sed -n 's/^data: //p' | tail -n 1 # files are objects with a url
case $answer in *"event: complete"*) ;; *) exit 1 ;; esac
