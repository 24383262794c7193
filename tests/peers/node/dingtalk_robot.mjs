// Drives the official SDK (npm dingtalk-stream) against a gateway, as its Python twin does; see there. The SDK's hosts
// are fixed, so requests are sent to the fake by the HTTP client's own interceptor.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

const need = createRequire(process.env.PEER_MODULES + '/');
const axios = need('axios');
const { DWClient, TOPIC_ROBOT } = need('dingtalk-stream');
const [clientId, clientSecret] = process.argv.slice(2);
const base = process.env.DINGTALK_OPENAPI_ENDPOINT;
const write = process.stdout.write.bind(process.stdout);
const say = (event, facts = {}) => write(JSON.stringify({ event, ...facts }) + '\n');
console.info = console.warn = console.error = () => {};

axios.interceptors.request.use((request) => {
  request.url = request.url.replace(/^https:\/\/(api|oapi)\.dingtalk\.com/, base);
  return request;
});

const client = new DWClient({ clientId, clientSecret, keepAlive: true });

async function fetched(downloadCode, robotCode) {
  const headers = { 'x-acs-dingtalk-access-token': await client.getAccessToken() };
  const link = await axios.post(`${base}/v1.0/robot/messageFiles/download`, { downloadCode, robotCode }, { headers });
  const file = await axios.get(link.data.downloadUrl, { responseType: 'arraybuffer' });
  return createHash('sha256').update(Buffer.from(file.data)).digest('hex');
}

client.registerCallbackListener(TOPIC_ROBOT, async (frame) => {
  const message = JSON.parse(frame.data);
  const items = message.content?.richText ?? [];
  const text = (message.text?.content ?? items.map((item) => item.text ?? '').join('')).trim();
  say('message', { type: message.msgtype, text, sender: message.senderStaffId ?? '' });
  for (const item of items.filter((one) => one.downloadCode)) {
    say('picture', { sha256: await fetched(item.downloadCode, message.robotCode) });
  }
  if (message.msgtype === 'text') {
    const at = { atUserIds: [message.senderStaffId] };
    await axios.post(message.sessionWebhook, { msgtype: 'text', text: { content: `收到：${text}` }, at });
  }
  client.socketCallBackResponse(frame.headers.messageId, 'OK');
});
client.registerCallbackListener('/v1.0/card/instances/callback', (frame) => {
  const click = JSON.parse(frame.data);
  const actions = JSON.parse(click.content).cardPrivateData.actionIds;
  say('click', { card: click.outTrackId, by: click.userId, actions });
  client.socketCallBackResponse(frame.headers.messageId, { cardData: { cardParamMap: { state: '已确认' } } });
});
client.registerAllEventListener((frame) => {
  say('event', { type: frame.headers.eventType });
  return { status: 'SUCCESS', message: 'ok' };
});
client.connect();
