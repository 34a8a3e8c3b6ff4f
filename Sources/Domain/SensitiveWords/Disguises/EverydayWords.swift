/// Words of two characters that people use every day: a listed word across two of them is a coincidence.
///
/// Decoded once per process, in some milliseconds.
struct EverydayWords: Sendable {
    static let shared = EverydayWords()

    private let frequent: Set<UInt64>
    private let further: Set<UInt64>
    private let alone: Set<UInt32>
    /// How the frequent ones sound, with how many of them sound so.
    private let sounds: [UInt64: Int]

    private init() {
        frequent = Self.pairs(EverydayWordsData.frequent)
        further = Self.pairs(EverydayWordsData.further)
        alone = Set(EverydayWordsData.alone.unicodeScalars.map(\.value))
        var sounds: [UInt64: Int] = [:]
        for pair in frequent {
            if let first = Syllables.shared.first(of: UInt32(pair >> 32)),
                let second = Syllables.shared.first(of: UInt32(truncatingIfNeeded: pair))
            {
                sounds[Self.key(first, second), default: 0] += 1
            }
        }
        self.sounds = sounds
    }

    func contains(_ first: UInt32, _ second: UInt32) -> Bool {
        let key = Self.key(first, second)
        return frequent.contains(key) || further.contains(key)
    }

    /// Means something by itself, so that any other character may stand beside it.
    func standsAlone(_ character: UInt32) -> Bool { alone.contains(character) }

    /// A frequent word other than this one sounds like it.
    func soundsLikeAnother(_ first: UInt32, _ second: UInt32) -> Bool {
        guard let one = Syllables.shared.first(of: first), let two = Syllables.shared.first(of: second) else {
            return false
        }
        let own = frequent.contains(Self.key(first, second)) ? 1 : 0
        return sounds[Self.key(one, two), default: 0] > own
    }

    private static func key(_ first: UInt32, _ second: UInt32) -> UInt64 { UInt64(first) << 32 | UInt64(second) }

    private static func pairs(_ text: String) -> Set<UInt64> {
        var pairs: Set<UInt64> = []
        pairs.reserveCapacity(40_000)
        var first: UInt32?
        for scalar in text.unicodeScalars {
            if scalar == " " {
                first = nil
            } else if let known = first {
                pairs.insert(key(known, scalar.value))
            } else {
                first = scalar.value
            }
        }
        return pairs
    }
}
