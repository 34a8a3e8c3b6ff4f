import Hummingbird

/// Misbehaviour asked for by `POST /sandbox/faults`; the next `count` matching calls meet it.
package struct SandboxFault: Codable, Sendable, Equatable, ResponseEncodable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        /// Waits `delay_ms`, then goes on as usual.
        case slow
        /// Answers HTTP 500 and takes nothing in.
        case http500
        /// Takes the message in, then answers HTTP 500.
        case http500AfterEffect = "http500_after_effect"
        /// Takes the message in, then answers as usual, with a megabyte behind it.
        case longAnswer = "long_answer"
        /// Takes the message in, then sends the head of an answer, and its body only after `delay_ms`.
        case stalledAnswer = "stalled_answer"
        /// Answers HTTP `status`, with `Retry-After: retry_after` if given, and takes nothing in.
        case httpStatus = "http_status"
        /// Answers `errcode` and takes nothing in.
        case errcode
        /// Takes the message in, then closes the connection without an answer.
        case dropAfterEffect = "drop_after_effect"
        /// Closes the connection without an answer and takes nothing in.
        case dropBeforeEffect = "drop_before_effect"
    }

    package var kind: Kind
    package var count: Int
    package var errcode: Int?
    package var status: Int?
    package var retryAfter: Int?
    package var delayMilliseconds: Int?
    /// Only calls whose path begins so, for example `/webhook/crm`; all by default.
    package var path: String?
    /// Only calls with this robot key, or to this person.
    package var key: String?

    package init(
        kind: Kind, count: Int = 1, errcode: Int? = nil, status: Int? = nil, retryAfter: Int? = nil,
        delayMilliseconds: Int? = nil, path: String? = nil, key: String? = nil
    ) {
        self.kind = kind
        self.count = count
        self.errcode = errcode
        self.status = status
        self.retryAfter = retryAfter
        self.delayMilliseconds = delayMilliseconds
        self.path = path
        self.key = key
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        kind = try values.decode(Kind.self, forKey: .kind)
        count = try values.decodeIfPresent(Int.self, forKey: .count) ?? 1
        errcode = try values.decodeIfPresent(Int.self, forKey: .errcode)
        status = try values.decodeIfPresent(Int.self, forKey: .status)
        retryAfter = try values.decodeIfPresent(Int.self, forKey: .retryAfter)
        delayMilliseconds = try values.decodeIfPresent(Int.self, forKey: .delayMilliseconds)
        path = try values.decodeIfPresent(String.self, forKey: .path)
        key = try values.decodeIfPresent(String.self, forKey: .key)
    }

    func matches(path: String, key: String?) -> Bool {
        (self.path.map { path.hasPrefix($0) } ?? true) && (self.key.map { $0 == key } ?? true)
    }

    enum CodingKeys: String, CodingKey {
        case kind
        case count
        case errcode
        case status
        case retryAfter = "retry_after"
        case delayMilliseconds = "delay_ms"
        case path
        case key
    }
}
