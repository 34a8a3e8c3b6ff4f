import Contracts

/// What was done to a piece of text to read a word in it.
struct TransformTrace {
    private let scalars: ArraySlice<Unicode.Scalar>
    private let word: String

    init(_ scalars: ArraySlice<Unicode.Scalar>, word: String) {
        self.scalars = scalars
        self.word = word
    }

    /// In the order of ``Alert/Transform``; empty if the word stands there as listed.
    func transforms(disguise: Alert.Transform?, variant: Alert.Transform?) -> [Alert.Transform] {
        guard !scalars.elementsEqual(word.unicodeScalars) else { return [] }
        var fired: Set<Alert.Transform> = []
        for scalar in scalars { fired.formUnion(steps(of: scalar, disguise: disguise)) }
        if let disguise { fired.insert(disguise) }
        if let variant { fired.insert(variant) }
        return Alert.Transform.allCases.filter(fired.contains)
    }

    private func steps(of scalar: Unicode.Scalar, disguise: Alert.Transform?) -> Set<Alert.Transform> {
        let table = FoldingTable.shared
        let entry = table.entry(of: scalar.value)
        if word.unicodeScalars.contains(scalar) { return [] }
        if entry.word & FoldingTable.Entry.expansion != 0 { return [.compatibility] }
        switch entry.kind {
        case .dropped: return [.invisible]
        case .space, .punctuation, .symbol, .joiner:
            let isSign = disguise == .emoji && entry.word & FoldingTable.Entry.signCue != 0
            return isSign ? [] : [.separators]
        case .other, .letter, .digit: break
        }
        let target = scalar.value ^ entry.word & FoldingTable.Entry.scalarMask
        guard target != scalar.value else { return [] }
        var steps: Set<Alert.Transform> = []
        if entry.kind == .letter && scalar.properties.isUppercase { steps.insert(.letterCase) }
        if scalar.properties.isUnifiedIdeograph {
            steps.insert(.simplified)
        } else if !scalar.isASCII {
            steps.insert(.compatibility)
        }
        return steps
    }
}
