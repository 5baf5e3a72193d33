/** Domains in which the great providers give anybody a mailbox: whoever has one there is not thereby of the organisation. */

const consumer: ReadonlySet<string> = new Set(
  [
    'gmail.com googlemail.com',
    'outlook.com outlook.de outlook.fr outlook.es outlook.it outlook.jp outlook.co.id hotmail.com hotmail.co.uk hotmail.de',
    'hotmail.fr hotmail.es hotmail.it hotmail.nl hotmail.be hotmail.se live.com live.co.uk live.de live.fr live.nl live.it live.se',
    'live.be live.dk live.no live.com.au msn.com windowslive.com passport.com',
    'yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.es yahoo.it yahoo.ca yahoo.co.in yahoo.in yahoo.com.br yahoo.com.ar',
    'yahoo.com.mx yahoo.com.au yahoo.co.jp yahoo.com.tw yahoo.com.hk yahoo.com.sg ymail.com rocketmail.com myyahoo.com',
    'aol.com aol.de aol.co.uk aol.fr aim.com verizon.net',
    'icloud.com me.com mac.com privaterelay.appleid.com',
    'proton.me protonmail.com protonmail.ch pm.me',
    'gmx.de gmx.net gmx.com gmx.at gmx.ch gmx.org gmx.fr gmx.us web.de mail.com email.com 1und1.de online.de',
    't-online.de freenet.de arcor.de vodafone.de vodafonemail.de posteo.de posteo.net mailbox.org tutanota.com tutanota.de',
    'tutamail.com tuta.io tuta.com keemail.me',
    'bluewin.ch hispeed.ch sunrise.ch a1.net aon.at chello.at',
    'orange.fr wanadoo.fr free.fr sfr.fr neuf.fr laposte.net bbox.fr numericable.fr',
    'libero.it virgilio.it tiscali.it alice.it tin.it tim.it email.it',
    'telefonica.net terra.es ziggo.nl kpnmail.nl planet.nl hetnet.nl xs4all.nl home.nl upcmail.nl casema.nl',
    'telenet.be skynet.be proximus.be',
    'btinternet.com virginmedia.com ntlworld.com blueyonder.co.uk sky.com talktalk.net tiscali.co.uk',
    'comcast.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net juno.com netzero.net optonline.net',
    'rogers.com shaw.ca sympatico.ca videotron.ca telus.net',
    'bigpond.com bigpond.net.au optusnet.com.au xtra.co.nz',
    'fastmail.com fastmail.fm hey.com zoho.com zohomail.com zohomail.eu hushmail.com runbox.com',
    'yandex.ru yandex.com ya.ru mail.ru bk.ru inbox.ru list.ru internet.ru rambler.ru',
    'seznam.cz email.cz centrum.cz post.cz wp.pl o2.pl onet.pl interia.pl op.pl azet.sk zoznam.sk freemail.hu citromail.hu',
    'abv.bg mail.bg ukr.net i.ua',
    'qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com 139.com 189.cn aliyun.com',
    'naver.com hanmail.net daum.net kakao.com nate.com',
    'docomo.ne.jp ezweb.ne.jp softbank.ne.jp i.softbank.jp nifty.com',
    'rediffmail.com uol.com.br bol.com.br terra.com.br ig.com.br globo.com',
  ].flatMap((line) => line.split(' ')),
);

/** @param domain lower-case ASCII */
export const isConsumerDomain = (domain: string): boolean => consumer.has(domain);
