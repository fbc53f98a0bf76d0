// What the bot sends to Slack, in the words of Slack's own types; JSON schemas are made from these.
import type { HomeView, KnownBlock, MessageMetadata, ModalView } from "@slack/types";
import type { AppsManifestValidateArguments } from "@slack/web-api";

// Slack's types allow any block beside the known ones, and any key beside the known ones; a mistyped one must be found.
type Known<T> = Omit<T, "blocks"> & { blocks: KnownBlock[] };
type Closed<T> = { [K in keyof T as string extends K ? never : K]: T[K] };

export type Home = Known<HomeView>;
export type Modal = Known<ModalView>;
export type Manifest = Closed<Exclude<AppsManifestValidateArguments["manifest"], string>>;

// chat.postMessage, chat.postEphemeral, chat.update and response_url take the same content.
export interface Message {
  text: string;
  blocks?: KnownBlock[];
  metadata?: MessageMetadata;
  channel?: string;
  ts?: string;
  thread_ts?: string;
  user?: string;
  unfurl_links?: boolean;
  unfurl_media?: boolean;
  response_type?: "in_channel" | "ephemeral";
  replace_original?: boolean;
  delete_original?: boolean;
}
