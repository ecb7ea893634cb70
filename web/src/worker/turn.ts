const channel = new MessageChannel();
let heard: () => void;
channel.port1.onmessage = () => heard();

/** Resolves once messages that came have been heard; timers would wait for at least 4 ms. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    heard = resolve;
    channel.port2.postMessage(0);
  });
}
