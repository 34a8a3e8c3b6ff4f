import Alerting
import Contracts
import Foundation
import Hummingbird

/// What a visitor sent from the page of an alert.
struct ActionForm: Sendable, Equatable {
    /// More is refused unread: the longest note, escaped, and room for the rest.
    static let maximumBytes = 16_384

    struct Fault: Error, Equatable {
        /// What to tell the visitor.
        var text: String
    }

    var token: String
    var kind: AlertAction.Kind
    var result: AlertResult?
    var actor: String
    var note: String?

    /// - Parameters:
    ///   - body: `application/x-www-form-urlencoded`.
    ///   - recipient: whom the link was made for; whatever name the form says.
    /// - Throws: ``Fault``, quoting nothing.
    init(_ body: String, recipient: String?) throws(Fault) {
        struct Fields: Decodable {
            var token: String
            var action: String
            var name: String?
            var note: String?

            enum CodingKeys: String, CodingKey {
                case token, name, note
                case action = "do"
            }
        }
        // Whatever is wrong with it, the page never sends it.
        guard let fields = try? URLEncodedFormDecoder().decode(Fields.self, from: body) else {
            throw Fault(text: "提交的内容无法识别")
        }
        let parts = fields.action.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let kind = parts.first.flatMap(AlertAction.Kind.init), parts.count == (kind == .resolve ? 2 : 1) else {
            throw Fault(text: "提交的内容无法识别")
        }
        if kind == .resolve {
            guard let result = AlertResult(rawValue: parts[1]) else { throw Fault(text: "提交的内容无法识别") }
            self.result = result
        }
        let name = (recipient ?? fields.name ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        guard AlertActionLimits.isName(name) else {
            throw Fault(text: "请填写姓名（不超过 \(AlertActionLimits.name) 个字）")
        }
        let note = (fields.note ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
            .replacing("\r\n", with: "\n")
        guard AlertActionLimits.isNote(note) else { throw Fault(text: "备注不能超过 \(AlertActionLimits.note) 个字") }
        if kind == .comment, note.isEmpty { throw Fault(text: "请填写备注") }
        (token, self.kind, actor, self.note) = (fields.token, kind, name, note.isEmpty ? nil : note)
    }
}
