// Call any endpoint from JavaScript.
//
// npm install @gradio/client
// node call.mjs http://127.0.0.1:7860 read_text '{"image": "FILE", "words": "hello world"}' photo.jpg

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { Client } from "@gradio/client";

const [address, endpoint, given, path] = process.argv.slice(2);
const file = path && new File([await readFile(path)], basename(path));
try {
  const app = await Client.connect(address);
  const answer = await app.predict(`/${endpoint}`, JSON.parse(given, (_, value) => (value === "FILE" ? file : value)));
  console.log(JSON.stringify(answer.data, null, 2)); // files are objects with a url
  process.exit(0); // the client would keep its connection
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
