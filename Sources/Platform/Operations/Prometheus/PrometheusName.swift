/// Turns names of swift-metrics into names that Prometheus accepts.
enum PrometheusName {
    /// `lane.batch-size` → `lane_batch_size`; a leading digit gets an underscore before it.
    static func metric(_ text: String) -> String { valid(text, allowing: ":") }

    static func label(_ text: String) -> String {
        let name = valid(text, allowing: nil)
        // `le` belongs to the buckets of a histogram, two leading underscores to Prometheus itself.
        return name == "le" || name.hasPrefix("__") ? "label_\(name)" : name
    }

    private static func valid(_ text: String, allowing extra: Unicode.Scalar?) -> String {
        var name = ""
        for scalar in text.unicodeScalars {
            let isDigit = ("0"..."9").contains(scalar)
            let isLetter = ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
            if isDigit, name.isEmpty { name.append("_") }
            name.unicodeScalars.append(isDigit || isLetter || scalar == extra ? scalar : "_")
        }
        return name.isEmpty ? "_" : name
    }
}
