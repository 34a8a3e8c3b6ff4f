/// A button of a card was clicked.
package struct CardClick: Sendable, Equatable {
    /// Who clicked.
    package var userID: String
    /// The button's key, as it was sent.
    package var key: String
    package var taskID: String
    /// Lets the card be changed once more.
    package var responseCode: String?
    /// Unix seconds.
    package var at: Int64

    /// - Returns: `nil` for another event, and for one that is not whole.
    package init?(_ event: CallbackXML) {
        let fields = event.fields
        guard fields["MsgType"] == "event", fields["Event"] == "template_card_event",
            let userID = fields["FromUserName"], (1...64).contains(userID.utf8.count),
            let key = fields["EventKey"], (1...1024).contains(key.utf8.count),
            let taskID = fields["TaskId"], (1...128).contains(taskID.utf8.count),
            let at = fields["CreateTime"].flatMap({ Int64($0) })
        else { return nil }
        self.userID = userID
        self.key = key
        self.taskID = taskID
        self.responseCode = fields["ResponseCode"].flatMap { (1...512).contains($0.utf8.count) ? $0 : nil }
        self.at = at
    }
}
