"""The shop's front door: `python -m shop.server PORT`. GET /health, GET /basket/DATABASE/CUSTOMER."""

import http.server
import json
import os
import sys

from shop.baskets import Baskets


class Door(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            return self._answer({"status": "open"})
        _, _, database, customer = self.path.split("/")
        baskets = Baskets(os.environ["TRUN_SERVICE_REDIS_HOST"], int(os.environ["TRUN_SERVICE_REDIS_PORT"]), database)
        try:
            return self._answer(baskets.articles(customer))
        finally:
            baskets.close()

    def _answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    print("the shop opens", flush=True)
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Door).serve_forever()
