/// Which components make up which character.
struct Compositions: Sendable {
    static let shared = Compositions()

    /// By components in their full form, packed by ``key(_:)``.
    private let characters: [UInt64: UInt32]
    private let components: [UInt32: [UInt32]]
    /// Characters by their last component.
    private let byRest: [UInt32: [UInt32]]
    private let forms: [UInt32: UInt32]

    private init() {
        var characters: [UInt64: UInt32] = [:]
        var components: [UInt32: [UInt32]] = [:]
        var byRest: [UInt32: [UInt32]] = [:]
        for group in CompositionsData.characters.split(separator: " ") {
            let scalars = group.unicodeScalars.map(\.value)
            let parts = Array(scalars.dropFirst())
            characters[Self.key(parts)] = scalars[0]
            if components[scalars[0]] == nil { components[scalars[0]] = parts }
            if parts.count == 2 { byRest[parts[1], default: []].append(scalars[0]) }
        }
        var forms: [UInt32: UInt32] = [:]
        let pairs = CompositionsData.forms.unicodeScalars.map(\.value)
        for index in stride(from: 0, to: pairs.count - 1, by: 2) { forms[pairs[index]] = pairs[index + 1] }
        self.characters = characters
        self.components = components
        self.byRest = byRest
        self.forms = forms
    }

    /// The full form of a radical: 言 for 讠.
    func fullForm(_ component: UInt32) -> UInt32 { forms[component] ?? component }

    /// The character that these two or three components, in their full forms, make up.
    func character(_ components: ArraySlice<UInt32>) -> UInt32? { characters[Self.key(components)] }

    /// Characters that differ from this one in the radical, or have one more.
    func lookalikes(of character: UInt32) -> Set<UInt32> {
        var found = Set(byRest[character] ?? [])
        if let parts = components[character], parts.count == 2 {
            found.formUnion(byRest[parts[1]] ?? [])
            found.insert(parts[1])
        }
        found.remove(character)
        return found
    }

    private static func key(_ parts: some Collection<UInt32>) -> UInt64 { parts.reduce(0) { $0 << 21 | UInt64($1) } }
}
