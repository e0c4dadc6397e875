"""Collections of the Hub on localhost."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from hub_http import Handler
from hub_repos import DATE, Refusal


class Collections(Handler):
    """What is answered about collections."""

    def check_token(self, write: bool) -> bool:
        raise NotImplementedError

    def collections(self) -> None:
        """Those of an owner, each with the first four items, as on the real Hub."""
        owner = self.query.get("owner", [""])[0]
        listed = [each | {"items": each["items"][:4]} for each in self.hub.collections.values() if each["owner"]["name"] == owner]
        self.send_json([{key: value for key, value in each.items() if key != "position"} for each in listed])

    def collection(self, slug: str) -> None:
        self.send_json(self._known(slug))

    def create_collection(self) -> None:
        self.check_token(write=True)
        asked = json.loads(self.body)
        if asked["namespace"] != self.hub.user:
            raise Refusal(403, None, "You can't create a collection in this namespace")
        if len(asked["title"]) > 60 or len(asked.get("description", "")) > 150:
            raise Refusal(400, None, "Title or description is too long")
        name = re.sub(r"[^a-z0-9]+", "-", asked["title"].lower()).strip("-")
        slug = f"{asked['namespace']}/{name}-{hashlib.sha1(name.encode()).hexdigest()[:24]}"
        if slug in self.hub.collections:
            raise Refusal(409, None, "This collection exists", {"slug": slug, "error": "exists"})
        self.hub.collections[slug] = {
            "slug": slug,
            "title": asked["title"],
            "description": asked.get("description"),
            "owner": {"name": asked["namespace"]},
            "items": [],
            "lastUpdated": DATE,
            "position": 0,
            "private": asked["private"],
            "theme": "green",
            "upvotes": 0,
        }
        self.send_json(self.hub.collections[slug])

    def add_item(self, slug: str) -> None:
        self.check_token(write=True)
        found, item = self._known(slug), json.loads(self.body)["item"]
        if (item["type"] + "s", item["id"]) not in self.hub.repos:
            raise Refusal(404, None, f"There is no {item['type']} {item['id']}")
        if any((other["type"], other["id"]) == (item["type"], item["id"]) for other in found["items"]):
            raise Refusal(409, None, "The item is in the collection already", found | {"error": "exists"})
        found["items"].append({"_id": f"{len(found['items'])}", "position": len(found["items"]), **item})
        self.send_json(found)

    def _known(self, slug: str) -> dict[str, Any]:
        if slug not in self.hub.collections:
            raise Refusal(404, None, "There is no such collection")
        return self.hub.collections[slug]
