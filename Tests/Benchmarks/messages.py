#!/usr/bin/env python3
"""Writes invented archive messages as JSON Lines: messages.py COUNT [SEED] > FILE.

One conversation keeps one shape: an employee and a customer, or a group. Sizes and kinds follow what an archive of a
shop looks like: 86 % text, some pictures, links, files and recalls; about 420 bytes a line.
"""
import json
import random
import sys

CORP = "ww5a7c0e1f2b3d4c6a"
START = 1741568400000
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789_-"
WORDS = ("您好 请问 这款 保温杯 还有 现货 吗 今天 下单 什么时候 发货 会员 价格 可以 优惠 一点 谢谢 收到 好的 明天 送达 快递 "
         "单号 麻烦 帮我 看看 颜色 尺寸 换货 登记 安排 师傅 上门 安装 地址 电话 周六 上午 方便 确认 库存 仓库 餐具 窗帘 地毯").split()


def main():
    count = int(sys.argv[1])
    draw = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)

    def token(length):
        return "".join(draw.choices(ALPHABET, k=length))

    employees = [f"employee{n:03d}" for n in range(300)]
    conversations = []
    for n in range(max(1, min(50_000, count // 20))):
        customers = ["wmR4xTCwAA" + token(22) for _ in range(1 if n % 12 else 6)]
        room = "wrR4xTCwAA" + token(22) if len(customers) > 1 else ""
        conversations.append((draw.choice(employees), customers, room))
    texts = ["".join(draw.choices(WORDS, k=draw.randint(3, 40))) for _ in range(5000)]
    files = [token(180) for _ in range(200)]
    recent = []
    out = []
    for n in range(count):
        employee, customers, room = draw.choice(conversations)
        members = [employee, *customers]
        sender = draw.choice(members)
        time = START + n * 37
        number = draw.getrandbits(63)
        message = {
            "seq": n + 1, "corp_id": CORP, "msgid": f"{number}_{time + 121}_external", "action": "send", "from": sender,
            "tolist": [m for m in members if m != sender], "roomid": room, "msgtime": time,
        }
        kind = draw.random()
        if kind < 0.86:
            message |= {"msgtype": "text", "text": {"content": draw.choice(texts)}}
        elif kind < 0.93:
            message |= {"msgtype": "image", "image": {"md5sum": f"{number:032x}", "filesize": 184233, "sdkfileid": draw.choice(files)}}
        elif kind < 0.96:
            message |= {"msgtype": "link", "link": {"title": "三月会员日攻略", "description": "满 300 减 40", "link_url": "https://shop.example.com/a/318", "image_url": ""}}
        elif kind < 0.99 or not recent:
            message |= {"msgtype": "file", "file": {"md5sum": f"{number:032x}", "filename": "报价单.xlsx", "fileext": "xlsx", "filesize": 48640, "sdkfileid": draw.choice(files)}}
        else:
            target = recent[-1]
            message |= {"action": "recall", "from": target["from"], "tolist": target["tolist"], "roomid": target["roomid"], "msgtype": "revoke", "revoke": {"pre_msgid": target["msgid"]}}
        if n % 50 == 0:
            recent = recent[-20:] + [message]
        out.append(json.dumps(message, ensure_ascii=False, separators=(",", ":")))
        if len(out) == 10_000:
            sys.stdout.write("\n".join(out) + "\n")
            out.clear()
    if out:
        sys.stdout.write("\n".join(out) + "\n")


main()
