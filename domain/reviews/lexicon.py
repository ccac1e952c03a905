"""Words guests use about food, service and places, with what they weigh from -4 to 4. Data only.

A trailing `*` stands for any ending. Marks are frequent small words that tell languages apart and weigh nothing. The lists
are short on purpose: they carry what decides a restaurant review, not a dictionary.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One language, as lists of words separated by spaces."""

    weights: Mapping[int, str]
    negators: str
    stronger: str
    weaker: str
    joiners: str = ""  # what stands before them turns nothing after them
    marks: str = ""


WORDS: dict[str, Words] = {
    "en": Words(
        weights={
            4: "outstanding superb phenomenal flawless divine exquisite",
            3: "excellent amazing fantastic wonderful perfect* delicious* awesome incredible love* best brilliant memorable "
               "stunning delightful",
            2: "great good tasty nice friendly fresh lovely enjoy* recommend* attentive welcoming cozy cosy helpful happy "
               "beautiful warm* kind* generous crispy juicy tender prompt polite impress* pleasant flavorful flavourful "
               "yummy thank* clean super",
            1: "decent fine pleased fair okay quick* fast smooth* hot worth",
            -1: "average pricey loud noisy crowded small wait* late ok-ish bland* mediocre",
            -2: "bad cold slow* salty soggy overcooked undercooked dry burn* burnt stale greasy oily tasteless forgot* "
                "forgotten wrong dirty sticky disappoint* overpriced expensive poor* lukewarm unfriendly problem* "
                "ignored unhelpful tough chewy bored boring complain* complaint* missing mistake* smell* smelly unclean "
                "chaotic raw",
            -3: "rude* awful terribl* horribl* disgust* inedible worst hate* filthy nasty gross unacceptable avoid vile "
                "rotten spoiled hair cockroach* mold* mould* arrogant scam ripoff vomit* sick",
            -4: "poison* dreadful atrocious appalling revolting",
        },
        negators="not no never without hardly nothing nobody none cannot neither nor",
        stronger="very really so extremely too absolutely totally incredibly super utterly truly completely",
        weaker="slightly somewhat bit little rather fairly quite kinda",
        joiners="and but",
        marks="the and was were is are it we our us with for but this that they had have of to a my at place food staff",
    ),
    "de": Words(
        weights={
            4: "hervorragend* ausgezeichnet* himmlisch* phänomenal* grandios*",
            3: "exzellent* fantastisch* wunderbar* perfekt* köstlich* lecker* großartig* liebe* beste* traumhaft* genial* "
               "begeistert* sensationell*",
            2: "gut gute guten guter gutes super toll* schön schöne* freundlich* frisch* empfehl* empfehlenswert* gemütlich* "
               "aufmerksam* nett* herzlich* zuvorkommend* hilfsbereit* zart* knusprig* saftig* schmackhaft* gern gerne "
               "danke* sauber* zufrieden*",
            1: "okay solide* schnell* flott* angenehm* ordentlich* preiswert*",
            -1: "durchschnittlich* mittelmäßig* laut* voll eng* warte* wartezeit* spät*",
            -2: "schlecht* kalt* langsam* versalzen* fad fade* trocken* zäh* verbrannt* teuer* überteuert* vergessen* falsch* "
                "schmutzig* dreckig* enttäusch* unfreundlich* fettig* matschig* lauwarm* lieblos* problem* fehl* "
                "beschwer* langweilig* genervt* unaufmerksam* gestank stinkt",
            -3: "schrecklich* furchtbar* ekelhaft* eklig* widerlich* ungenießbar* unverschämt* schlimmst* frech* miserabel "
                "miserable* katastroph* unmöglich* arrogant* haar* schimmel* abzocke grauenhaft* grausam*",
            -4: "lebensmittelvergiftung vergiftet* abscheulich*",
        },
        negators="nicht kein keine keinen keiner nie niemals ohne nichts kaum weder",
        stronger="sehr wirklich so extrem zu absolut total unglaublich richtig überaus besonders völlig",
        weaker="etwas bisschen wenig ziemlich leicht eher",
        joiners="und aber",
        marks="der die das und war waren ist wir uns mit für aber ein eine es haben hat im zu essen bedienung auch dem den von",
    ),
    "fr": Words(
        weights={
            4: "exceptionnel* sublime* divin* époustouflant*",
            3: "excellent* fantastique* merveilleux merveilleuse* parfait* délicieux délicieuse* incroyable* adore* adoré* "
               "meilleur* magnifique* génial* exquis* succulent* remarquable*",
            2: "bon bonne* bons super sympa* frais fraîche* accueillant* chaleureux chaleureuse* recommand* savoureux "
               "savoureuse* agréable* aimable* souriant* généreux généreuse* régal* attentif* attentionné* beau belle* "
               "gentil* tendre* croustillant* merci propre* content* ravi*",
            1: "correct* rapide* convenable* honnête*",
            -1: "moyen* bruyant* cher chère* attente attendre attendu petit* tard",
            -2: "mauvais* froid* lent* salé sec sèche* brûlé* fade* décev* déçu* déçue* sale* gras grasse* tiède* oublié* "
                "erreur* désagréable* trop-cher problème* insipide* immangé* indifférent* ennuy* médiocre* dur surcuit",
            -3: "horrible* affreux affreuse* dégoûtant* infect* immangeable* pire* nul nulle* honteux honteuse* impoli* "
                "exécrable* catastroph* inadmissible* arrogant* cheveu* moisi* arnaque* grossier grossière* détest* fuir",
            -4: "intoxication* empoisonn* ignoble* abject*",
        },
        negators="ne pas n jamais sans aucun aucune rien ni guère point",
        stronger="très vraiment si extrêmement trop absolument totalement tellement super particulièrement",
        weaker="peu légèrement plutôt assez",
        joiners="et mais",
        marks="le la les et était étaient est nous avec pour mais un une des du dans que qui c'est au ce on repas plat serveur",
    ),
    "es": Words(
        weights={
            4: "excepcional* sublime* espectacular* insuperable*",
            3: "excelente* fantástic* maravillos* perfect* delicios* increíble* encant* mejor* riquísim* buenísim* estupend* "
               "exquisit* genial* magnífic* inolvidable*",
            2: "bueno buena buenos buenas buen rico rica ricos ricas amable* fresc* acogedor* recomend* sabros* agradable* "
               "atent* simpátic* bonit* bien gust* disfrut* generos* tierno* crujiente* gracias limpi* content* feliz",
            1: "correct* rápid* decente* aceptable*",
            -1: "regular* ruidos* caro cara caros caras espera* esperar pequeñ* tarde",
            -2: "malo mala malos malas mal frío fría fríos frías lento lenta* salad* seco seca quemad* sos* decepcion* suci* "
                "grasient* olvid* error* desagradable* tibi* insípid* problem* dura duro cruda crudo mediocre* antipátic* "
                "aburrid* falt* queja*",
            -3: "horrible* asqueros* pésim* terrible* incomible* peor* groser* maleducad* vergüenza* vergonzos* desastre* "
                "estafa* asco fatal inaceptable* arrogante* pelo* podrid* odi* nefast* robo",
            -4: "intoxicac* intoxicad* repugnante* vomitiv*",
        },
        negators="no nunca jamás sin ningún ninguna nada ni tampoco",
        stronger="muy realmente tan extremadamente demasiado absolutamente totalmente super súper increíblemente",
        weaker="poco algo ligeramente bastante",
        joiners="y pero",
        marks="el la los las y fue era estaba estaban es nos con para pero un una del que de muy en por se comida servicio todo",
    ),
    "it": Words(
        weights={
            4: "eccezional* sublime* divin* superb* spettacolar*",
            3: "eccellent* fantastic* meraviglios* perfett* delizios* incredibil* adoro adorato miglior* squisit* ottim* "
               "buonissim* stupend* magnific* favolos* indimenticabil*",
            2: "buono buona buoni buone bravo bravi bella bello gentil* fresc* accoglient* consigl* gustos* piacevol* cordial* "
               "simpatic* attent* cortes* saporit* bene generos* tener* croccant* grazie pulit* content* disponibil*",
            1: "discret* veloc* rapid* corrett* onest*",
            -1: "medi* rumoros* caro cara cari care attesa attese aspett* piccol* tardi",
            -2: "cattiv* fredd* lent* salat* secco secca bruciat* insipid* delus* deludent* sporc* unt* dimentic* sbagliat* "
                "error* sgradevol* tiepid* problem* male dura duro crudo cruda mediocr* antipatic* noios* mancan* lament* "
                "scortes*",
            -3: "orribil* schifos* pessim* terribil* immangiabil* peggior* maleducat* vergogn* disastr* truffa inaccettabil* "
                "arrogant* capello capelli marci* muff* schifo odio disgustos* fregatur*",
            -4: "intossicazion* intossicat* ripugnant* nauseant* vomitevol*",
        },
        negators="non mai senza nessun nessuna niente nulla né neanche",
        stronger="molto davvero così estremamente troppo assolutamente totalmente super veramente incredibilmente",
        weaker="poco leggermente abbastanza piuttosto",
        joiners="e ma",
        marks="il lo la i gli le e era erano è ci con per ma un una del della che di in si cibo personale servizio anche nel",
    ),
    "pl": Words(
        weights={
            4: "wyśmienit* fenomenaln* boski* rewelacyjn* wybitn*",
            3: "doskonał* fantastyczn* cudown* idealn* pyszn* niesamowit* uwielbiam* najlepsz* znakomit* wspaniał* przepyszn* "
               "perfekcyjn* genialn* kocham",
            2: "dobry dobra dobre dobrze super smaczn* smakowa* miły miła miłe mila milo miło przyjazn* śwież* polec* przytuln* "
               "sympatyczn* pomocn* uprzejm* ładn* piękn* soczyst* chrupiąc* dziękuj* czyst* zadowolon* gościnn* fajn*",
            1: "przyzwoit* szybk* poprawn* sprawn* niezł*",
            -1: "przeciętn* głośn* drogi droga drogo czeka* małe mała późno ciasn*",
            -2: "zły zła złe źle słab* zimn* woln* słon* przesolon* such* przypalon* spalon* rozczarow* brudn* tłust* zapomni* "
                "błąd błęd* niesmaczn* letni* problem* tward* surow* niemił* nieuprzejm* nudn* brak* mdł* skarg*",
            -3: "okropn* strasz* obrzydliw* ohydn* niejadaln* najgorsz* chamsk* wstyd* katastrof* tragedi* tragiczn* oszust* "
                "niedopuszczaln* aroganc* włos* spleśniał* fataln* nienawidz* beznadziejn* paskudn*",
            -4: "zatruci* zatruł* odrażając* wymiot*",
        },
        negators="nie nigdy bez żaden żadna nic ani wcale",
        stronger="bardzo naprawdę tak niezwykle zbyt absolutnie całkowicie super wyjątkowo strasznie",
        weaker="trochę nieco dość raczej lekko",
        joiners="i ale",
        marks="i w z na był była było były jest się to że ale do po od dla nam nas jedzenie obsługa za o tego też",
    ),
    "lt": Words(
        weights={
            4: "nepriekaišting* išskirtin* fenomenal*",
            3: "puik* fantastišk* nuostab* tobul* skan* gardus gardu gardi nerealu geriausi* mylim* dievin* šaunu* žavi* "
               "idealu ideal*",
            2: "geras gera geri geros gerai malon* draugišk* švež* rekomenduo* jauk* skoning* paslaug* dėmesing* gražu graži* "
               "gražus šilt* dėkoj* ačiū sultin* traški* švar* patenkint* svetin* mandag* patiko patinka",
            1: "neblog* greit* normal* tvarking*",
            -1: "vidutin* triukšming* brang* lauk* mažai maža vėlai ankšt*",
            -2: "blogas bloga blogi blogos blogai šaltas šalta šalti šaltos šaltai lėt* sūru* persūd* saus* sudeg* nusivyl* "
                "purvin* riebus riebu riebi* pamirš* klaid* neskan* drung* problem* kiet* žal* nemalon* nedraugišk* nuobod* "
                "trūk* skund* nepatiko nepatinka nemandag*",
            -3: "siaubing* baisu baisi* baisus šlykšt* nevalgom* blogiausi* grubi* grubus gėda gėding* katastrof* apgavyst* "
                "apgaulė nepriimtin* arogant* plauk* supel* pasibaisėtin* nekenči* tragišk* įžūl*",
            -4: "apsinuodij* atgras* vem*",
        },
        negators="ne nebuvo nėra niekada be jokio jokios nieko nei niekas nelabai",
        stronger="labai tikrai toks tokia itin per absoliučiai visiškai super ypač nepaprastai",
        weaker="truputį šiek tiek gana ganėtinai",
        joiners="ir bet",
        marks="ir buvo yra su mes mums bet į iš kad tai už dėl labai kaip o nuo po maistas aptarnavimas čia visi vieta",
    ),
    "pt": Words(
        weights={
            4: "excecional* excepcional* sublime* divin* espetacular* espectacular*",
            3: "excelente* fantástic* maravilhos* perfeit* delicios* incrível* adorei adoramos melhor* ótim* óptim* magnífic* "
               "sensacional* amei inesquecív*",
            2: "bom boa bons boas gostos* gostei saboros* simpátic* fresc* acolhedor* recomend* agradáv* atencios* amáve* "
               "gentil* gentis bonit* bem generos* macio* crocante* obrigad* limp* content* feliz prestáve*",
            1: "razoáv* rápid* correct* corret* aceitáv*",
            -1: "mediano* barulhent* caro cara caros caras espera* esperar pequen* tarde",
            -2: "mau má maus más ruim ruins frio fria frios frias lento lenta* salgad* seco seca queimad* insoss* dececion* "
                "decepcion* suj* gordur* esquec* erro* desagradáv* morn* problem* dura duro cru crua medíocre* antipátic* falt* "
                "reclam* demor*",
            -3: "horríve* nojent* péssim* terríve* intragáv* pior* grosseir* rude* mal-educad* vergonh* desastre* burla "
                "inaceitáv* arrogante* cabelo* podre* odiei nojo inadmissív*",
            -4: "intoxicaç* intoxicad* repugnante*",
        },
        negators="não nunca jamais sem nenhum nenhuma nada nem",
        stronger="muito realmente tão extremamente demasiado absolutamente totalmente super bastante demais",
        weaker="pouco algo ligeiramente",
        joiners="e mas",
        marks="o a os as e foi era estava estavam é nos com para mas um uma do da que de em por se comida atendimento ao no na",
    ),
    "ja": Words(
        weights={
            4: "絶品 感動 最高",
            3: "素晴らし すばらし 完璧 大好き 絶妙 大満足",
            2: "美味し おいし 良かっ よかっ 良い いい 親切 丁寧 新鮮 快適 楽し 嬉し うれし 満足 オススメ おすすめ お勧め "
               "気持ちよ 好き 居心地 綺麗 きれい ありがとう 感謝 うま 旨 安心",
            1: "普通に 早かっ 速かっ 手頃",
            -1: "うるさ 高い 高かっ 待たさ 待ち 狭 微妙 イマイチ いまいち",
            -2: "悪い 悪かっ 冷たい 冷たかっ 冷め 遅 しょっぱ 焦げ 残念 がっかり 汚 忘れ 間違 不親切 無愛想 硬 生焼け 不満 雑 "
                "臭 ぬる",
            -3: "最悪 ひど 酷 まず 不味 失礼 二度と 不快 最低 髪の毛 カビ 虫 腹立 許せ",
            -4: "食中毒 吐",
        },
        negators="ない なかっ ません なく ず",
        stronger="とても すごく 非常に 本当に かなり めちゃくちゃ 大変 あまりに",
        weaker="少し ちょっと やや",
    ),
}
