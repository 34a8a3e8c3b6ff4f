import PatternMatching

/// Which components make up which character.
struct Compositions: Sendable {
    static let shared = Compositions()

    /// What stands on the left of a character and is easily taken for another: 拆 and 诉, but not 资 and 费.
    private static let radicals = Set("人言手丝水心刀犬食金示衣口木日月土女火王玉目石禾米虫足车贝马山巾彳冫".unicodeScalars.map(\.value))

    /// By components in their full form, packed by ``key(_:)``.
    private let characters: [UInt64: UInt32]
    private let components: [UInt32: [UInt32]]
    /// Characters by their last component.
    private let byRest: [UInt32: [UInt32]]
    private let forms: [UInt32: UInt32]
    /// The first two components of every character.
    private let beginnings: BitFilter

    private init() {
        var characters: [UInt64: UInt32] = [:]
        var components: [UInt32: [UInt32]] = [:]
        var byRest: [UInt32: [UInt32]] = [:]
        for group in CompositionsData.characters.split(separator: " ") {
            let scalars = group.unicodeScalars.map(\.value)
            let parts = Array(scalars.dropFirst())
            characters[Self.key(parts)] = scalars[0]
            if components[scalars[0]] == nil { components[scalars[0]] = parts }
            if parts.count == 2 && Self.radicals.contains(parts[0]) { byRest[parts[1], default: []].append(scalars[0]) }
        }
        var forms: [UInt32: UInt32] = [:]
        let pairs = CompositionsData.forms.unicodeScalars.map(\.value)
        for index in stride(from: 0, to: pairs.count - 1, by: 2) { forms[pairs[index]] = pairs[index + 1] }
        self.characters = characters
        self.components = components
        self.byRest = byRest
        self.forms = forms
        beginnings = BitFilter(characters.keys.map(Self.beginning))
    }

    /// The full form of a radical: 言 for 讠.
    func fullForm(_ component: UInt32) -> UInt32 {
        // All short forms are cues.
        FoldingTable.shared.entry(of: component).word & FoldingTable.Entry.componentCue == 0
            ? component : forms[component] ?? component
    }

    /// Characters may begin with these components.
    func mayBegin(_ first: UInt32, _ second: UInt32) -> Bool {
        beginnings.reader.bit(HeadHash.two(fullForm(first), fullForm(second))) != 0
    }

    private static func beginning(of key: UInt64) -> UInt32 {
        let mask: UInt64 = (1 << 21) - 1
        return key >> 42 == 0
            ? HeadHash.two(UInt32(key >> 21), UInt32(key & mask))
            : HeadHash.two(UInt32(key >> 42), UInt32(key >> 21 & mask))
    }

    /// The character that two components make up.
    func character(_ first: UInt32, _ second: UInt32) -> UInt32? {
        characters[UInt64(fullForm(first)) << 21 | UInt64(fullForm(second))]
    }

    /// The character that three components make up.
    func character(_ first: UInt32, _ second: UInt32, _ third: UInt32) -> UInt32? {
        characters[(UInt64(fullForm(first)) << 21 | UInt64(fullForm(second))) << 21 | UInt64(fullForm(third))]
    }

    /// Characters that differ from this one in the radical, or have one more.
    func lookalikes(of character: UInt32) -> Set<UInt32> {
        var found = Set(byRest[character] ?? [])
        if let parts = components[character], parts.count == 2, Self.radicals.contains(parts[0]) {
            found.formUnion(byRest[parts[1]] ?? [])
            found.insert(parts[1])
        }
        found.remove(character)
        return found
    }

    private static func key(_ parts: some Collection<UInt32>) -> UInt64 { parts.reduce(0) { $0 << 21 | UInt64($1) } }
}
