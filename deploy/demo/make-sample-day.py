#!/usr/bin/env python3
"""Writes sample-day.jsonl: one invented day of a home-ware shop's WeCom archive, every message kind included.

Usage: deploy/demo/make-sample-day.py > deploy/demo/sample-day.jsonl

The output depends on nothing but this file. `scrm ingest --shift-to-now` moves the day so that it ends now.
"""
import hashlib
import json
import sys

CORP = "ww5a7c0e1f2b3d4c6a"
DAY = 1741568400000  # 2025-03-10 09:00:00 Asia/Shanghai, ms
LIN, HE, CHEN, ZHOU = "LinXiaoMan", "hejun", "chenyu", "zhouning"
ROBOT = "wbR4xTCwAAd2Wm6oXj9Cn3Yq8Bu5Ff1T"
ROOM_VIP = "wrR4xTCwAAe5Yb1oKp8Rt3Vx6Zn0Ud7Q"
ROOM_STAFF = "wrR4xTCwAAh8Qc2sLm4Nd6Wj9Bv1Ge5K"


def stable(text, length):
    """Letters and digits that depend only on the text."""
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"
    number = int.from_bytes(hashlib.sha512(text.encode()).digest(), "big")
    out = ""
    for _ in range(length):
        number, digit = divmod(number, len(alphabet))
        out += alphabet[digit]
    return out


def customer(name, prefix="wm"):
    return prefix + "R4xTCwAA" + stable("customer " + name, 22)


WANG, LIU, ZHAO, SUN, WU, QIAN, FENG, HAN = map(customer, "王 刘 赵 孙 吴 钱 冯 韩".split())
PARTNER = customer("供应商", "wo")

lines = []
clock = 0
sequence = 482000


def emit(sender, to, kind, body, *, key=None, room="", gap=40, action="send", top=None, external=None, suffix=True):
    """Appends one message `gap` seconds after the one before and returns its msgid."""
    global clock, sequence
    clock += gap * 1000
    sequence += 1 + len(lines) % 3
    time = DAY + clock
    if external is None:
        external = any(i.startswith(("wm", "wo")) and len(i) == 32 for i in [sender, *to])
    number = int.from_bytes(hashlib.sha256(f"{len(lines)}".encode()).digest()[:8], "big")
    msgid = f"{number}_{time + 121}" + ("_external" if external and suffix else "")
    message = {
        "msgid": msgid, "action": action, "from": sender, "tolist": list(to), "roomid": room, "msgtime": time,
        "msgtype": kind,
    }
    if body is not None:
        message[key or kind] = body
    message.update(top or {})
    push(message)
    return msgid


def push(message):
    lines.append({"seq": sequence, "corp_id": CORP, **message})


def say(sender, to, text, gap=40, room=""):
    return emit(sender, [to] if isinstance(to, str) else to, "text", {"content": text}, gap=gap, room=room)


def talk(one, other, *turns, gap=40):
    """Alternating single chat; a turn that starts with '>' is said by the second person."""
    for turn in turns:
        if turn.startswith(">"):
            say(other, one, turn[1:], gap)
        else:
            say(one, other, turn, gap)


def media(name, size):
    return {"md5sum": hashlib.md5(name.encode()).hexdigest(), "filesize": size, "sdkfileid": "CtYB" + stable(name, 180)}


def inner(value):
    return json.dumps(value, ensure_ascii=False)


# Morning: consent, ordinary questions ------------------------------------------------------------------------------
emit(WANG, [LIN], "agree", {"userid": WANG, "agree_time": DAY + 5000}, gap=5, suffix=False)
emit(LIU, [LIN], "agree", {"userid": LIU, "agree_time": DAY + 9000}, gap=4, suffix=False)
emit(HAN, [HE], "disagree", {"userid": HAN, "disagree_time": DAY + 15000}, gap=6, suffix=False)
push({"msgid": "125289002219525886341", "action": "switch", "time": DAY + 16000, "user": LIN})

talk(WANG, LIN,
     "你好，在吗？", ">您好王女士，我是青禾家居的林小满，有什么可以帮您？", "想问下那款 500ml 的保温杯有几种颜色",
     ">现在有雾白、松绿、岩灰三种颜色", "松绿有现货吗", ">有的，今天 16 点前下单今天发出", "多少钱", ">会员价 129 元，满 300 减 40",
     "能保温多久", ">常温环境下 12 小时还在 50 度以上[微笑]")
emit(LIN, [WANG], "image", media("green-cup.jpg", 184233))
emit(LIN, [WANG], "link", {"title": "三月会员日攻略", "description": "满 300 减 40，叠加积分", "link_url": "https://shop.example.com/a/318", "image_url": "https://img.example.com/318.jpg"})
talk(WANG, LIN, "好看，我下单了", ">收到，已经帮您备注松绿色", "谢谢", ">不客气，发货后我把单号发给您")
emit(LIN, [WANG], "weapp", {"title": "您有一张待领取的优惠券", "description": "青禾家居商城", "username": "gh_7a1c20d9e5b4@app", "displayname": "青禾家居"})

talk(LIU, LIN,
     "请问你们周末营业吗", ">营业的，10:00 到 21:00", "停车方便吗", ">商场地下停车场，消费满 100 免两小时", "好的")
emit(LIN, [LIU], "location", {"longitude": 120.153576, "latitude": 30.287459, "address": "浙江省杭州市拱墅区湖墅南路 88 号", "title": "青禾家居湖墅店", "zoom": 15})
emit(LIU, [LIN], "emotion", {"type": 1, "width": 240, "height": 240, "imagesize": 51200, "md5sum": hashlib.md5(b"thanks.gif").hexdigest(), "sdkfileid": "4eE1" + stable("thanks.gif", 160)})
emit(LIU, [LIN], "voice", {"md5sum": hashlib.md5(b"liu.amr").hexdigest(), "voice_size": 9120, "play_length": 6, "sdkfileid": "kcyZ" + stable("liu.amr", 180)})
talk(LIU, LIN, "你们店铺是不是叫 weiquandao_shop", ">不是哦，我们的小程序叫青禾家居", "运维权限那款路由收纳盒还有吗", ">收纳盒有的，灰色和白色", gap=55)

talk(ZHAO, HE,
     "何经理，我们公司想订一批水杯", ">赵总好，大概需要多少只？", "两百只，印 logo", ">可以的，两百只起免开版费", "发个报价吧", ">好的，马上整理")
emit(HE, [ZHAO], "file", {"md5sum": hashlib.md5(b"quote.xlsx").hexdigest(), "filename": "2025春季报价单.xlsx", "fileext": "xlsx", "filesize": 48640, "sdkfileid": "E4OD" + stable("quote.xlsx", 180)})
emit(HE, [ZHAO], "video", {"md5sum": hashlib.md5(b"factory.mp4").hexdigest(), "filesize": 7340032, "play_length": 31, "sdkfileid": "MzAz" + stable("factory.mp4", 180)})
talk(ZHAO, HE, "看到了，单价能不能再低点", ">量上到五百只可以再降 3 元", "我和老板商量下", ">好的，您随时找我")
emit(HE, [ZHAO], "card", {"corpname": "杭州青禾家居", "userid": LIN}, gap=30)
emit(HE, [PARTNER], "text", {"content": "下周的杯盖能准时到吗？"})
emit(PARTNER, [HE], "text", {"content": "周三之前一定送到仓库"})
emit(HE, [PARTNER], "mixed", {"item": [{"type": "text", "content": inner({"content": "这是上次的尺寸，麻烦对一下\n"})}, {"type": "image", "content": inner(media("cap-drawing.png", 20480))}]})

# The staff room and its tools ---------------------------------------------------------------------------------------
staff = [HE, CHEN, ZHOU]
emit(ROBOT, [LIN, *staff], "markdown", {"content": "**今日待回访** 12 人\n> 超时 <font color=\"warning\">3</font> 人"}, key="info", room=ROOM_STAFF)
emit(ROBOT, [LIN, *staff], "news", {"item": [{"title": "本周话术更新", "description": "退换货场景", "url": "https://kb.example.com/w11", "picurl": "https://kb.example.com/w11.png"}]}, key="info", room=ROOM_STAFF)
for who, text in [(ZHOU, "大家早，今天会员日，回复都快一点"), (LIN, "收到"), (HE, "收到，企业客户这边我盯着"), (CHEN, "好的周姐"),
                  (ZHOU, "有客户投诉先安抚，再登记"), (LIN, "明白"), (CHEN, "新款杯盖的库存谁能看下？"), (HE, "仓库说还有 320 个")]:
    say(who, [p for p in [LIN, *staff] if p != who], text, room=ROOM_STAFF)
emit(LIN, staff, "vote", None, room=ROOM_STAFF, top={"votetitle": "团建去哪", "voteitem": ["莫干山", "千岛湖"], "votetype": 101, "voteid": "vt_77102"})
emit(CHEN, [LIN, HE, ZHOU], "vote", {"votetitle": "团建去哪", "voteitem": ["千岛湖"], "votetype": 102, "voteid": "vt_77102"}, room=ROOM_STAFF)
emit(HE, [LIN, CHEN, ZHOU], "meeting", {"topic": "售后周会", "starttime": 1741658400, "endtime": 1741662000, "address": "2 号会议室", "remarks": "带上台账", "meetingtype": 101, "meetingid": 13390228714406623987}, room=ROOM_STAFF)
emit(HE, [LIN], "meeting_notification", {"meeting_id": 13390228714406623987, "notification_type": 5, "content": "会议已结束"}, key="info")
emit(LIN, staff, "docmsg", {"title": "三月售后台账", "doc_creator": LIN, "link_url": "https://doc.weixin.qq.com/sheet/e3_example"}, key="doc", room=ROOM_STAFF)
emit(HE, [LIN, CHEN, ZHOU], "calendar", {"title": "回访复盘", "creatorname": "何军", "attendeename": ["林小满", "周宁"], "starttime": 1741744800, "endtime": 1741748400, "place": "", "remarks": ""}, room=ROOM_STAFF)
emit(HE, [LIN], "todo", {"title": "何军的待办", "content": "周五前回访 3 月 8 日下单的客户"})
emit(HE, [LIN], "redpacket", {"type": 1, "wish": "生日快乐", "totalcnt": 1, "totalamount": 6600})
emit(LIN, [HE], "qydiskfile", {"filename": "门店陈列.zip"}, key="info")
emit(HE, [LIN], "meeting_voice_call", {"endtime": 1741572208, "sdkfileid": "CpsB" + stable("call", 180), "demofiledata": [{"filename": "台账.xlsx", "demooperator": HE, "starttime": 1741572160, "endtime": 1741572190}], "sharescreendata": []}, top={"voiceid": "gr5c02d9b1aa7e41f3"})
emit(HE, [LIN], "voip_doc_share", {"filename": "话术手册.pdf", "md5sum": hashlib.md5(b"manual.pdf").hexdigest(), "filesize": 2210033, "sdkfileid": "CpsB" + stable("manual.pdf", 180)}, top={"voipid": "gr5c02d9b1aa7e41f4"})

# The members' group -------------------------------------------------------------------------------------------------
members = [WANG, LIU, SUN, WU, LIN, HE]


def room(sender, text, gap=35):
    say(sender, [m for m in members if m != sender], text, gap=gap, room=ROOM_VIP)


for who, text in [
    (LIN, "各位早上好，会员日开始啦，满 300 减 40"), (SUN, "有新款吗"), (LIN, "有的，松绿色保温杯和北欧餐具"), (WU, "餐具可以进微波炉吗"),
    (LIN, "可以的，耐高温 180 度"), (LIU, "我上次买的餐具很好用"), (SUN, "那我也拍一套"), (HE, "下单后私信我，送杯刷一个"), (WU, "已拍"),
    (SUN, "已拍 +1"), (LIN, "收到，今天都能发货"), (WANG, "我的杯子发了吗"), (LIN, "王女士您的已经打包，下午揽收"), (WANG, "好的"),
]:
    room(who, text)
emit(LIN, [m for m in members if m != LIN], "collect", {"room_name": "青禾会员 3 群", "creator": "林小满", "create_time": "2025-03-10 09:56:51", "title": "换杯盖登记", "details": [{"id": 1, "ques": "收件人", "type": "Text"}, {"id": 12874400913358820741, "ques": "到货日期", "type": "Date"}]}, room=ROOM_VIP)
emit(WU, [m for m in members if m != WU], "external_redpacket", {"type": 2, "wish": "辛苦啦", "totalcnt": 5, "totalamount": 1000}, key="redpacket", room=ROOM_VIP)
emit(HE, [m for m in members if m != HE], "sphfeed", {"feed_type": 4, "sph_name": "青禾家居", "feed_desc": "三步清洗保温杯 #家居好物"}, room=ROOM_VIP)
emit(HE, [m for m in members if m != HE], "solitaire", {"title": "周六到店体验接龙", "items": ["1. 孙女士", "2. 吴先生"]}, room=ROOM_VIP)

# Selling, politely and not so politely ------------------------------------------------------------------------------
talk(SUN, CHEN,
     "陈雨你好，我想看看窗帘", ">孙女士您好，窗户多宽？", "两米四，落地", ">建议做 2 倍褶，大概需要 5 米布", "遮光的有吗", ">有全遮光和 85% 遮光",
     "卧室用哪种好", ">卧室建议全遮光", "什么时候能装", ">下单后 7 天左右", "安装要钱吗", ">杭州市区免费安装")
say(CHEN, SUN, "您这单比较急，给点小费我帮您优先安排师傅", gap=60)
talk(SUN, CHEN, "这还要给钱？", ">开玩笑的，您别介意", "……", gap=50)
withdrawn = say(CHEN, SUN, "要不您加我微信，我私下给您便宜 200", gap=70)
emit(CHEN, [SUN], "revoke", {"pre_msgid": withdrawn}, action="recall", gap=20)
talk(SUN, CHEN, "我还是走店里下单吧", ">好的好的", gap=45)

talk(WU, HE,
     "何经理，上周买的收纳架少了一颗螺丝", ">吴先生抱歉，我马上给您补寄", "寄到公司吧", ">好的，地址和上次一样吗", "一样",
     ">已登记，明天到", "辛苦", ">应该的")
emit(HE, [WU], "voiptext", {"callduration": 143, "invitetype": 2}, key="info")
talk(QIAN, CHEN,
     "地毯怎么清洗", ">可以吸尘，局部用中性清洁剂", "能机洗吗", ">不建议机洗，会变形", "掉毛吗", ">前两周会有一点浮毛，属于正常现象", "好，谢谢",
     ">不客气，拍照给我看看效果哦", "[图片稍后发]")
emit(QIAN, [CHEN], "image", media("carpet.jpg", 90211))

# A complaint grows --------------------------------------------------------------------------------------------------
talk(FENG, LIN,
     "你好，上周买的保温杯漏水", ">冯先生您好，非常抱歉，方便拍个视频吗？", gap=45)
emit(FENG, [LIN], "video", {"md5sum": hashlib.md5(b"leak.mp4").hexdigest(), "filesize": 3340032, "play_length": 12, "sdkfileid": "MzAz" + stable("leak.mp4", 180)})
talk(FENG, LIN,
     ">收到，我帮您申请换新", "什么时候能换", ">仓库说要等三天", "又等三天？上次也是这么说的", ">真的很抱歉，我再催一下", "包都湿了，里面还有电脑",
     ">您先别着急，我马上登记", "我不想再等了，今天必须给说法", ">我向主管汇报了，请稍等", gap=90)
say(FENG, LIN, "你们再拖下去，我要维权！", gap=300)
talk(FENG, LIN, ">冯先生，主管马上联系您", "没人联系我", gap=120)
say(FENG, LIN, "行，那就维*權到底", gap=240)
say(FENG, LIN, "12315 我也已经在填了", gap=60)
emit(LIN, [ZHOU], "chatrecord", {"title": "冯先生和林小满的聊天记录", "item": [
    {"type": "ChatRecordText", "msgtime": 1741589000, "content": inner({"content": "杯盖有点漏水，能换吗"}), "from_chatroom": False},
    {"type": "ChatRecordImage", "msgtime": 1741589033, "content": inner(media("leak.jpg", 90211)), "from_chatroom": False},
    {"type": "chatrecord", "msgtime": 1741589050, "content": inner({"title": "售后组", "item": [{"type": "ChatRecordText", "msgtime": 1741588100, "content": inner({"content": "同批次已有三起"}), "from_chatroom": False}]}), "from_chatroom": False},
]})
talk(ZHOU, LIN, "这个客户我来跟", ">好的周姐", "先把换新和补偿方案发给他", ">已经发了")
talk(FENG, LIN, ">冯先生，我们主管周宁已为您办理换新并赔付电脑包，请查收", "早这样不就好了", ">给您添麻烦了", "行吧，谢谢", gap=200)

# Afternoon ----------------------------------------------------------------------------------------------------------
talk(LIU, LIN,
     "这条笔记曝光量上涨了，你们是不是找博主了", ">哈哈是的，感谢关注", "烟雾报警器你们卖吗", ">暂时没有哦", "取消协作邀请在哪里点",
     ">在小程序“我的”里面", "好", gap=70)
talk(ZHAO, HE,
     "老板同意了，五百只", ">太好了赵总，单价按 96 算", "合同发我", ">下午发您邮箱", "打样要多久", ">三天", "行", ">感谢信任", gap=80)
quoted = "这是一条引用/回复消息：\n「何军：单价按 96 算」\n------\n确认，就按这个价"
say(ZHAO, HE, quoted, gap=60)
talk(WANG, LIN, "快递到哪了", ">已到杭州中转站", "好嘞", ">明天上午送达", "收到货再联系", gap=75)
talk(QIAN, CHEN, "床品四件套有蓝色吗", ">有雾霾蓝和藏青", "雾霾蓝来一套", ">好的，给您改价到会员价", "付好了", ">收到，感谢支持", gap=60)
talk(WU, HE, "螺丝收到了", ">太好了", "顺便问下书桌", ">书桌 1.4 米的特价 699", "电脑、残次品都能换吗", ">七天无理由退换", "那来一张", ">好的", gap=65)
for who, text in [(LIN, "会员日还有最后两小时"), (SUN, "窗帘已下单"), (WU, "书桌已下单"), (LIN, "感谢支持"), (LIU, "明天还有活动吗"),
                  (HE, "明天恢复原价哦"), (WANG, "杯子很好看"), (LIN, "喜欢就好，记得晒图")]:
    room(who, text, gap=90)
talk(CHEN, SUN, "孙女士，师傅约在周六上午可以吗", ">可以", "好的，师傅会提前电话", ">嗯", gap=60)
talk(HE, ZHAO, "赵总，合同已发", ">收到", "盖章后回传就行", ">好", gap=60)
talk(LIN, QIAN, "钱女士，四件套已发货", ">谢谢", gap=60)
talk(FENG, LIN, "新杯子收到了，没问题", ">太好了，再次抱歉", gap=120)
talk(ZHOU, LIN, "今天辛苦", ">应该的", "明天把台账补齐", ">好", gap=60)
talk(WANG, LIN, "晚安", ">晚安王女士", gap=60)

# What an archive really looks like: the same message again, and two that nobody can use ----------------------------
for index in (6, 20, 61):
    sequence += 7
    push({**{k: v for k, v in lines[index].items() if k not in ("seq", "corp_id")}})
sequence += 1
push({"msgid": f"3340095517266380041_{DAY + clock}", "action": "archive_v2", "from": LIN, "tolist": [WANG], "roomid": "", "msgtime": DAY + clock, "msgtype": "text", "text": {"content": "新版格式"}})
sequence += 1
push({"msgid": f"3340095517266380042_{DAY + clock}", "action": "recall", "from": LIN, "tolist": [WANG], "roomid": "", "msgtime": DAY + clock, "msgtype": "revoke", "revoke": {}})

for line in lines:
    json.dump(line, sys.stdout, ensure_ascii=False, separators=(",", ":"))
    sys.stdout.write("\n")
print(f"{len(lines)} messages, {len({l.get('msgtype', 'switch') for l in lines})} kinds", file=sys.stderr)
