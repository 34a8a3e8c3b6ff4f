import Hummingbird

/// One call, as `GET /sandbox/received` lists it.
package struct ReceivedCall: Codable, Sendable, Equatable, ResponseEncodable {
    /// Milliseconds UTC.
    package var time: Int64
    package var path: String
    /// Key of the robot, for robot calls.
    package var robot: String?
    /// Name of the receiver, for webhook calls.
    package var webhook: String?
    package var messageType: String?
    /// The text of a robot message; the whole body of a webhook call.
    package var content: String
    /// Alerts that the call tells of: from `X-Alert-Id`, or from the text.
    package var alertIDs: [String]
    package var headers: [String: String]
    /// The platform's answer, for robot calls.
    package var errcode: Int?
    package var status: Int
    /// The message was taken in: in the real world somebody would now read it.
    package var effect: Bool
    /// Whom the app's message is for.
    package var user: String? = nil
    /// Of a card with buttons, for `POST /sandbox/click`.
    package var taskID: String? = nil
    /// Answered as if taken in, and shown to nobody: the person's minute was full.
    package var dropped: Bool? = nil

    enum CodingKeys: String, CodingKey {
        case time
        case path
        case robot
        case webhook
        case messageType = "msgtype"
        case content
        case alertIDs = "alert_ids"
        case headers
        case errcode
        case status
        case effect
        case user
        case taskID = "task_id"
        case dropped
    }
}
