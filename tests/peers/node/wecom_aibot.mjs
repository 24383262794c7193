// Drives the official SDK (npm @wecom/aibot-node-sdk) against a gateway. What it heard and what it was answered goes to
// stdout, one JSON object a line; it ends when another connection takes over.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

const { WSClient } = createRequire(process.env.PEER_MODULES + '/')('@wecom/aibot-node-sdk');
const [wsUrl, botId, secret] = process.argv.slice(2);
const say = (event, facts = {}) => process.stdout.write(JSON.stringify({ event, ...facts }) + '\n');
const sha256 = (buffer) => createHash('sha256').update(buffer).digest('hex');
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const client = new WSClient({
  botId, secret, wsUrl, logger: quiet, heartbeatInterval: 100, reconnectInterval: 50, maxAuthFailureAttempts: 1,
});

const acts = {
  async hello(frame) {
    return client.replyStream(frame, 's-1', '收到：你好', true);
  },
  async push(frame) {
    return client.sendMessage(frame.body.chatid ?? frame.body.from.userid, { msgtype: 'markdown', markdown: { content: '**催办**' } });
  },
  async elsewhere() {
    return client.sendMessage('wrNobodySpokeHere', { msgtype: 'markdown', markdown: { content: 'x' } });
  },
  async upload(frame) {
    const data = Buffer.alloc(1200000, 'luzhang');
    const media = await client.uploadMedia(data, { type: 'file', filename: '通报.docx' });
    say('uploaded', { sha256: sha256(data), media_id: media.media_id });
    return client.replyMedia(frame, 'file', media.media_id);
  },
};

async function act(frame, run) {
  try {
    const answer = await run(frame);
    say('answered', { errcode: answer.errcode });
  } catch (error) {
    say('answered', { errcode: error.errcode ?? -1 });
  }
}

client.on('authenticated', () => say('authenticated'));
client.on('message.text', (frame) => {
  say('text', { content: frame.body.text.content, userid: frame.body.from.userid, quote: frame.body.quote?.msgtype ?? '' });
  const run = Object.entries(acts).find(([word]) => frame.body.text.content.includes(word))?.[1];
  if (run) void act(frame, run);
});
client.on('message.voice', (frame) => say('voice', { content: frame.body.voice.content }));
client.on('message.mixed', async (frame) => {
  const items = frame.body.mixed.msg_item;
  const { image } = items.find((item) => item.msgtype === 'image');
  const file = await client.downloadFile(image.url, image.aeskey);
  say('mixed', { content: items[0].text.content, sha256: sha256(file.buffer) });
});
client.on('event.enter_chat', (frame) => act(frame, () => client.replyWelcome(frame, { msgtype: 'text', text: { content: '欢迎' } })));
client.on('event.template_card_event', (frame) => {
  const card = frame.body.event.template_card_event;
  say('card', { key: card.event_key });
  void act(frame, () => client.updateTemplateCard(frame, { card_type: 'text_notice', main_title: { title: '已认领' }, card_action: { type: 1, url: 'https://lz.example.gov.cn' }, task_id: card.task_id }));
});
client.on('event.disconnected_event', () => {
  say('kicked');
  setTimeout(() => process.exit(0), 50);
});
client.on('error', (error) => say('error', { message: String(error.message) }));
client.connect();
