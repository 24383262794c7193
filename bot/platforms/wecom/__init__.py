"""WeCom (企业微信): the AI bot (智能机器人), the self-built app (自建应用) and the group webhook (消息推送)."""
