// What is made a JSON Schema of: each exported type is one, by the name it has here.

import type { ApiMethods } from "@grammyjs/types/mod.js";
import type { WebClient } from "@slack/web-api";
import type * as Discord from "discord-api-types/v10";

type Nothing = Record<string, never>;
type Asked<Method extends (...asked: never[]) => unknown> = Parameters<Method> extends []
  ? Nothing
  : Parameters<Method>[0];

/** By method of the Bot API; what is a file there is one of the form here. */
export type telegram = {
  [Method in keyof ApiMethods<{ file: true }>]: Asked<ApiMethods<{ file: true }>[Method]>;
};

/** By method of the Web API. */
export type slack = {
  "auth.test": Asked<WebClient["auth"]["test"]>;
  "chat.delete": Asked<WebClient["chat"]["delete"]>;
  "chat.getPermalink": Asked<WebClient["chat"]["getPermalink"]>;
  "chat.postMessage": Asked<WebClient["chat"]["postMessage"]>;
  "chat.update": Asked<WebClient["chat"]["update"]>;
  "conversations.history": Asked<WebClient["conversations"]["history"]>;
  "conversations.info": Asked<WebClient["conversations"]["info"]>;
  "conversations.replies": Asked<WebClient["conversations"]["replies"]>;
  "files.completeUploadExternal": Asked<WebClient["files"]["completeUploadExternal"]>;
  "files.delete": Asked<WebClient["files"]["delete"]>;
  "files.getUploadURLExternal": Asked<WebClient["files"]["getUploadURLExternal"]>;
  "files.info": Asked<WebClient["files"]["info"]>;
};

/** By what is done with a webhook: the JSON of it, and the query. */
export type discord = {
  post: Discord.RESTPostAPIWebhookWithTokenJSONBody;
  "post?": Discord.RESTPostAPIWebhookWithTokenQuery;
  get: Nothing;
  "get?": Nothing;
  "get message?": Discord.RESTGetAPIWebhookWithTokenMessageQuery;
  "patch message": Discord.RESTPatchAPIWebhookWithTokenMessageJSONBody;
  "patch message?": Discord.RESTPatchAPIWebhookWithTokenMessageQuery;
  "delete message?": Discord.RESTDeleteAPIWebhookWithTokenMessageQuery;
};
