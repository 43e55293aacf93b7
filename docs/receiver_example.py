"""接收程序示例：验签、去重、办理。只用 Python 3.11 标准库。运行：WEBHOOK_SECRET=whsec_… python receiver_example.py 8080"""

import base64, hashlib, hmac, json, os, sys, time  # noqa: E401, I001
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
seen = set()  # 正式使用时换成数据库里带唯一约束的表，与业务写在同一事务里


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))  # 必须用收到的原始字节验签
        number, stamp = self.headers.get("webhook-id", ""), self.headers.get("webhook-timestamp", "")
        signature = hmac.new(KEY, f"{number}.{stamp}.".encode() + body, hashlib.sha256).digest()
        expected = "v1," + base64.b64encode(signature).decode()
        given = self.headers.get("webhook-signature", "").split()  # 轮换密钥期间有两个签名
        fresh = stamp.isdecimal() and abs(time.time() - int(stamp)) < 300  # 时钟相差不超过 5 分钟
        genuine = fresh and any(hmac.compare_digest(expected.encode(), one.encode()) for one in given)
        if genuine and number not in seen:  # 编号相同就是重复推送：答 2xx，不再办理
            event = json.loads(body)
            print(event["type"], event["data"].get("uscc"), event["data"].get("record_version"), flush=True)
            seen.add(number)
        self.send_response(204 if genuine else 401)  # 只有 2xx 算送达
        self.end_headers()


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
