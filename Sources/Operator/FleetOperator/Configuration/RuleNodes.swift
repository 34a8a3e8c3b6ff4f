/// Where the parts of one rule are written, to find the line of a fault. Built once for each rule: a list may have
/// 100,000 words.
struct RuleNodes {
    struct Place {
        var file: String?
        var line: Int?
        var path: String
    }

    let rule: FileNode
    /// Of each word and each allowed word, in the order of the rule.
    var words: [Place] = []
    var allow: [Place] = []
    private let fields: [String: FileNode]

    init(_ rule: FileNode) {
        self.rule = rule
        fields = Dictionary(rule.entries ?? []) { first, _ in first }
    }

    /// - Parameter field: a key, or keys with dots between them.
    func place(field: String, element: Int?) -> Place {
        if let element {
            if field == "words", words.indices.contains(element) { return words[element] }
            if field == "allow", allow.indices.contains(element) { return allow[element] }
        }
        var keys = field.split(separator: ".").map(String.init)[...]
        guard let first = keys.popFirst(), var node = fields[first] else {
            return Place(line: rule.line, path: "\(rule.path).\(field)")
        }
        while let key = keys.popFirst() {
            guard let inner = node.entries?.first(where: { $0.key == key })?.value else { break }
            node = inner
        }
        if let element, let items = node.items, items.indices.contains(element) { node = items[element] }
        return Place(line: node.line, path: node.path)
    }
}
