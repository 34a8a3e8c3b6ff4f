/// How characters sound: toneless pinyin, `ü` as `v`.
struct Syllables: Sendable {
    static let shared = Syllables()

    /// Units of this number and more stand for syllables where a text is read by its sound.
    static let firstUnit: UInt32 = 0x11_0000

    /// The letters of each syllable; a syllable's unit is ``firstUnit`` plus its index here.
    let spellings: [[UInt32]]
    private let trie: SyllableTrie
    /// For each character from ``firstCharacter``, its usual syllable's index plus 1.
    private let usual: [UInt16]
    private static let firstCharacter: UInt32 = 0x4e00
    private let readings: [UInt32: [UInt32]]
    private let characters: [UInt32: [UInt32]]

    private init() {
        var spellings: [[UInt32]] = []
        var units: [[UInt32]: UInt32] = [:]
        var readings: [UInt32: [UInt32]] = [:]
        var characters: [UInt32: [UInt32]] = [:]
        for (text, isFirst) in [(ReadingsData.first, true), (ReadingsData.further, false)] {
            for group in text.split(separator: " ") {
                let letters = group.unicodeScalars.prefix { $0.isASCII }.map(\.value)
                let unit = units[letters] ?? Self.firstUnit + UInt32(spellings.count)
                if units[letters] == nil {
                    units[letters] = unit
                    spellings.append(letters)
                }
                for character in group.unicodeScalars.dropFirst(letters.count) {
                    readings[character.value, default: []].append(unit)
                    if isFirst { characters[unit, default: []].append(character.value) }
                }
            }
        }
        self.spellings = spellings
        trie = SyllableTrie(spellings)
        var usual = [UInt16](repeating: 0, count: 0x5200)
        for (character, syllables) in readings where character >= Self.firstCharacter {
            let index = Int(character - Self.firstCharacter)
            if index < usual.count, let first = syllables.first { usual[index] = UInt16(first - Self.firstUnit) + 1 }
        }
        self.usual = usual
        self.readings = readings
        self.characters = characters
    }

    /// How a character is usually read.
    func first(of character: UInt32) -> UInt32? {
        guard character >= Self.firstCharacter, Int(character - Self.firstCharacter) < usual.count else { return nil }
        let index = usual[Int(character - Self.firstCharacter)]
        return index == 0 ? nil : Self.firstUnit + UInt32(index) - 1
    }

    /// All ways to read a character, the usual one first.
    func all(of character: UInt32) -> [UInt32] { readings[character] ?? [] }

    /// Characters that are usually read so.
    func characters(of syllable: UInt32) -> [UInt32] { characters[syllable] ?? [] }

    /// Cuts a token into syllables, each as long as the rest allows; empty if it is no pinyin.
    func segments(of letters: Slice<UnsafeBufferPointer<UInt32>>) -> [(unit: UInt32, length: Int)] {
        guard 2...48 ~= letters.count, trie.begins(letters) else { return [] }
        // For each position from the back: the longest syllable that begins there and leaves a rest that can be cut.
        var best = [(unit: UInt32, length: Int)](repeating: (0, 0), count: letters.count)
        for position in stride(from: letters.count - 1, through: 0, by: -1) {
            trie.forEachSyllable(in: letters.dropFirst(position)) { index, length in
                let end = position + length
                if end == letters.count || best[end].length > 0 {
                    best[position] = (Self.firstUnit + UInt32(index), length)
                }
            }
        }
        var segments: [(unit: UInt32, length: Int)] = []
        var position = 0
        while position < letters.count {
            guard best[position].length > 0 else { return [] }
            segments.append(best[position])
            position += best[position].length
        }
        return segments
    }
}

/// The spellings of all syllables, letter by letter.
struct SyllableTrie: Sendable {
    private static let letters = 26
    private static let firstLetter: UInt32 = 0x61

    /// For each node, 26 successors; 0 for none.
    private var successors: [UInt16] = [UInt16](repeating: 0, count: Self.letters)
    /// For each node, the syllable it ends, plus 1.
    private var syllables: [UInt16] = [0]

    /// - Parameter spellings: Of the letters a to z.
    init(_ spellings: [[UInt32]]) {
        for (index, spelling) in spellings.enumerated() {
            var node = 0
            for letter in spelling {
                let slot = node * Self.letters + Int(letter - Self.firstLetter)
                if successors[slot] == 0 {
                    successors[slot] = UInt16(syllables.count)
                    syllables.append(0)
                    successors.append(contentsOf: repeatElement(0, count: Self.letters))
                }
                node = Int(successors[slot])
            }
            syllables[node] = UInt16(index + 1)
        }
    }

    /// Some syllable stands at the beginning.
    func begins(_ letters: Slice<UnsafeBufferPointer<UInt32>>) -> Bool {
        var any = false
        forEachSyllable(in: letters) { _, _ in any = true }
        return any
    }

    /// Every syllable that stands at the beginning, the shortest first.
    @inline(__always)
    func forEachSyllable(
        in letters: Slice<UnsafeBufferPointer<UInt32>>, _ body: (_ index: Int, _ length: Int) -> Void
    ) {
        var node = 0
        for (position, letter) in letters.enumerated() {
            node = Int(successors[node * Self.letters + Int(letter - Self.firstLetter)])
            guard node != 0 else { return }
            if syllables[node] != 0 { body(Int(syllables[node]) - 1, position + 1) }
        }
    }
}
