/// A message of an app to a person.
package enum AppMessage: Sendable, Equatable {
    /// Title, description (HTML of a few classes) and an address behind it.
    case textCard(title: String, description: String, url: String, button: String)
    case buttonCard(ButtonCard)

    /// A card with buttons (`template_card` of kind `button_interaction`).
    package struct ButtonCard: Sendable, Equatable {
        /// Unique in the app: `[0-9A-Za-z_@-]`, at most 128 bytes.
        package var taskID: String
        package var source: String
        package var title: String
        package var subtitle: String
        package var quote: String
        package var fields: [Field]
        package var url: String
        package var urlTitle: String
        package var buttons: [Button]

        package struct Field: Sendable, Equatable {
            package var name: String
            package var value: String

            package init(name: String, value: String) {
                self.name = name
                self.value = value
            }
        }

        package struct Button: Sendable, Equatable {
            package var text: String
            /// Comes back with the click.
            package var key: String
            /// 1 to 4: how it looks.
            package var style: Int

            package init(text: String, key: String, style: Int) {
                self.text = text
                self.key = key
                self.style = style
            }
        }

        package init(
            taskID: String, source: String, title: String, subtitle: String, quote: String,
            fields: [Field], url: String, urlTitle: String, buttons: [Button]
        ) {
            self.taskID = taskID
            self.source = source
            self.title = title
            self.subtitle = subtitle
            self.quote = quote
            self.fields = fields
            self.url = url
            self.urlTitle = urlTitle
            self.buttons = buttons
        }
    }

    /// The body of `message/send`, in the platform's own names.
    struct Envelope: Encodable {
        var touser: String
        var agentid: Int
        var msgtype: String
        var textcard: TextCard?
        var template_card: TemplateCard?

        struct TextCard: Encodable { var title, description, url, btntxt: String }

        struct TemplateCard: Encodable {
            struct Source: Encodable {
                var desc: String
                var desc_color = 2
            }
            struct Title: Encodable { var title, desc: String }
            struct Line: Encodable {
                var keyname, value: String
                var type: Int?
                var url: String?
            }
            struct Action: Encodable {
                var type = 1
                var url: String
            }
            struct Button: Encodable {
                var text: String
                var style: Int
                var key: String
            }
            var card_type = "button_interaction"
            var task_id: String
            var source: Source
            var main_title: Title
            var sub_title_text: String
            var horizontal_content_list: [Line]
            var card_action: Action
            var button_list: [Button]
        }

        init(_ message: AppMessage, userID: String, agentID: Int) {
            touser = userID
            agentid = agentID
            switch message {
            case .textCard(let title, let description, let url, let button):
                msgtype = "textcard"
                textcard = TextCard(title: title, description: description, url: url, btntxt: button)
            case .buttonCard(let card):
                msgtype = "template_card"
                template_card = TemplateCard(
                    task_id: card.taskID, source: .init(desc: card.source),
                    main_title: .init(title: card.title, desc: card.subtitle), sub_title_text: card.quote,
                    horizontal_content_list: card.fields.map { .init(keyname: $0.name, value: $0.value) }
                        + [.init(keyname: "会话", value: card.urlTitle, type: 1, url: card.url)],
                    card_action: .init(url: card.url),
                    button_list: card.buttons.map { .init(text: $0.text, style: $0.style, key: $0.key) })
            }
        }
    }
}
