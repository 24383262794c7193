// The platform's own crypto (npm @wecom/crypto): reads [{token, key, receiveid, timestamp, nonce, message, ciphertext}]
// from stdin and writes for each what it finds in the ciphertext, its signature, and a ciphertext of its own.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { decrypt, encrypt, getSignature } = createRequire(process.env.PEER_MODULES + '/')('@wecom/crypto');
const rows = JSON.parse(readFileSync(0, 'utf-8')).map((row) => {
  const found = decrypt(row.key, row.ciphertext);
  const sealed = encrypt(row.key, row.message, row.receiveid);
  return {
    message: found.message,
    receiveid: found.id,
    signature: getSignature(row.token, row.timestamp, row.nonce, row.ciphertext),
    sealed,
    sealed_signature: getSignature(row.token, row.timestamp, row.nonce, sealed),
  };
});
process.stdout.write(JSON.stringify(rows));
