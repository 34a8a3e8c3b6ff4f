/// Signs that people write instead of a word.
enum SignWords {
    /// Each sign with the word it stands for, in simplified characters.
    static let all: [UInt32: [UInt32]] = {
        var words: [UInt32: [UInt32]] = [:]
        for (sign, word) in listed {
            for scalar in sign.unicodeScalars { words[scalar.value] = word.unicodeScalars.map(\.value) }
        }
        return words
    }()

    private static let listed = [
        ("💰💵💴💶💷💸🤑", "钱"), ("🧧", "红包"), ("➕+", "加"), ("❤♥💗💓💕💖💙💚💛💜🖤🤍🤎🧡", "心"), ("🐧", "企鹅"),
        ("📱☎📞", "电话"), ("💳", "卡"), ("🐴🐎", "马"), ("🐶🐕", "狗"), ("🐷🐖", "猪"), ("💩", "屎"), ("🍵", "茶"),
        ("👮", "警"), ("🏦", "银行"), ("⚖", "法"), ("✈🛫", "飞"), ("🐔🐓", "鸡"), ("💊", "药"), ("🚗", "车"), ("🏠", "房"),
        ("🔪", "刀"), ("💀☠", "死"), ("👊", "打"), ("🈲", "禁"), ("🔞", "十八禁"), ("🀄", "中"), ("🐮🐂", "牛"),
        ("🐍", "蛇"), ("🐭", "鼠"), ("🌊", "浪"), ("🔥", "火"), ("💧", "水"), ("👂", "耳"), ("👀", "看"), ("🖐", "手"),
    ]
}
