/// The labels of one series: valid names, each once, in order of name, values escaped.
struct PrometheusLabels: Hashable {
    /// As written between the braces: `a="1",b="2"`; empty for none.
    let text: String

    /// - Parameter pairs: a name that occurs twice keeps its last value, since a repeated one is invalid.
    init(_ pairs: [(String, String)]) {
        let unique = Dictionary(pairs.map { (PrometheusName.label($0.0), $0.1) }) { _, last in last }
        text = unique.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
            .joined(separator: ",")
    }

    /// With braces, and `extra` as the last label.
    func braced(extra: String = "") -> String {
        let all = [text, extra].filter { !$0.isEmpty }.joined(separator: ",")
        return all.isEmpty ? "" : "{\(all)}"
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
