"""Call any endpoint from Python.

pip install gradio_client
python call.py http://127.0.0.1:7860 read_text '{"image": "FILE", "words": "hello world"}' photo.jpg
"""

import json
import sys

from gradio_client import Client, handle_file

address, endpoint, arguments, *files = sys.argv[1:]
given = {name: handle_file(files[0]) if value == "FILE" else value for name, value in json.loads(arguments).items()}
answer = Client(address, verbose=False).predict(**given, api_name=f"/{endpoint}")
print(json.dumps(answer, indent=2))  # files were downloaded: their paths
