/// How characters sound: toneless pinyin, `ü` as `v`.
struct Syllables: Sendable {
    static let shared = Syllables()

    /// Units of this number and more stand for syllables where a text is read by its sound.
    static let firstUnit: UInt32 = 0x11_0000

    /// The letters of each syllable; a syllable's unit is ``firstUnit`` plus its index here.
    let spellings: [[UInt32]]
    private let units: [[UInt32]: UInt32]
    private let readings: [UInt32: [UInt32]]
    private let characters: [UInt32: [UInt32]]
    /// Letters of the longest syllable.
    private static let maximumLength = 6

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
        self.units = units
        self.readings = readings
        self.characters = characters
    }

    /// How a character is usually read.
    func first(of character: UInt32) -> UInt32? { readings[character]?.first }

    /// All ways to read a character, the usual one first.
    func all(of character: UInt32) -> [UInt32] { readings[character] ?? [] }

    /// Characters that are usually read so.
    func characters(of syllable: UInt32) -> [UInt32] { characters[syllable] ?? [] }

    /// Cuts a token into syllables, each as long as the rest allows; `nil` if it is no pinyin.
    func segments(of letters: ArraySlice<UInt32>) -> [(unit: UInt32, length: Int)]? {
        guard letters.count <= 48 else { return nil }
        // best[i]: the length of the syllable that begins i letters into the token, 0 where no cut is possible.
        var best = [Int](repeating: 0, count: letters.count + 1)
        for position in stride(from: letters.count - 1, through: 0, by: -1) {
            let start = letters.startIndex + position
            for length in stride(from: min(Self.maximumLength, letters.count - position), through: 1, by: -1) {
                let end = position + length
                if (end == letters.count || best[end] > 0) && units[Array(letters[start..<start + length])] != nil {
                    best[position] = length
                    break
                }
            }
        }
        var segments: [(unit: UInt32, length: Int)] = []
        var position = 0
        while position < letters.count {
            let start = letters.startIndex + position
            guard best[position] > 0, let unit = units[Array(letters[start..<start + best[position]])] else {
                return nil
            }
            segments.append((unit, best[position]))
            position += best[position]
        }
        return segments
    }
}
