extension RulesConfiguration {
    /// What is looked for beside words.
    ///
    /// Written as a name, such as `phone`, or as `{"regex": "…"}`.
    package enum Pattern: Sendable, Hashable {
        case named(PatternKind)
        /// An expression in RE2's syntax, matched in linear time against the text without invisible characters, in
        /// compatibility forms, lower case and simplified Chinese.
        case expression(String)
    }

    package enum PatternKind: String, Codable, Sendable, Hashable, CaseIterable {
        /// A mobile number of mainland China.
        case phone
        /// 13 to 19 digits with a valid check digit (Luhn).
        case bankCard = "bank-card"
        /// 18 characters with a valid date and check digit.
        case idCard = "id-card"
        /// What follows 微信, vx, wx and the like.
        case wechatID = "wechat-id"
        case email
        case url
    }

    /// Which disguises of a word are seen through.
    ///
    /// Each is `true` for every word, `false` for none, and `nil` (the default) for the words where it is safe: rules
    /// of thumb that leave innocent messages alone.
    package struct Disguises: Codable, Sendable, Hashable {
        /// 纟隹木又 for 维权. Safe for words of two or more characters.
        package var components: Bool?
        /// weiquan, wei quan, 退kuan. Safe for words of two or more Han characters whose reading is that of no
        /// everyday word.
        package var pinyin: Bool?
        /// wq, as a token of its own. Never safe: on only where a rule says so.
        package var initials: Bool?
        /// 头诉 for 投诉: one character replaced by another of the same sound, where no everyday word is cut apart.
        package var homophones: Bool?
        /// 投拆 for 投诉: one character replaced by one that looks like it, with the same care.
        package var lookalikes: Bool?
        /// 幺二三幺五, l23l5 for 12315. Safe for numbers of four or more digits.
        package var numerals: Bool?

        package init(
            components: Bool? = nil, pinyin: Bool? = nil, initials: Bool? = nil, homophones: Bool? = nil,
            lookalikes: Bool? = nil, numerals: Bool? = nil
        ) {
            self.components = components
            self.pinyin = pinyin
            self.initials = initials
            self.homophones = homophones
            self.lookalikes = lookalikes
            self.numerals = numerals
        }
    }

    /// Conditions beside "one of the words or patterns matches". All that are given must hold.
    package struct Logic: Codable, Sendable, Hashable {
        /// Of each of these lists at least one word must match as well. With these a rule needs no `words`.
        package var all: [[String]]
        /// None of these words may match anywhere in the message.
        package var none: [String]
        /// One match of `words` and `patterns` (if there are any) and one of each list of `all` must stand so close
        /// that from the end of the first to the start of the last there are at most this many characters.
        package var within: Int?
        /// Matches of words and patterns that are needed, 1 by default; overlapping ones count once.
        package var atLeast: Int

        package init(all: [[String]] = [], none: [String] = [], within: Int? = nil, atLeast: Int = 1) {
            self.all = all
            self.none = none
            self.within = within
            self.atLeast = atLeast
        }

        enum CodingKeys: String, CodingKey {
            case all
            case none
            case within
            case atLeast = "at_least"
        }
    }

    /// Something sent that is no text. Written `card`, `red-packet` or `file:apk`.
    package enum Act: Sendable, Hashable {
        /// A contact or company card.
        case card
        case redPacket
        /// A file whose name ends in a dot and this, lower case.
        case file(String)
    }
}
